package report

import (
	"fmt"
	"path/filepath"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// Cases is the result of testing a template's golden cases.
type Cases struct {
	Dir     string // the template's folder, as the user gave it
	All     []Case
	Without []string // choices that no case covers
	Strict  bool     // choices without a case make the run fail
	Update  bool     // differences are accepted
}

// Case is the result of one case.
type Case struct {
	Name    string
	Err     error
	Diff    string // from the case to the output of its commands, or ""
	Broken  []template.Broken
	Updated bool // its file was rewritten
}

// status returns the result of c as one word.
func (c Case) status(update bool) string {
	switch {
	case c.Err != nil:
		return "error"
	case c.Updated:
		return "updated"
	case c.Diff != "" && !update:
		return "differs"
	}
	return "ok"
}

// fails reports whether c makes the run fail.
func (c Case) fails(update bool) bool {
	for _, b := range c.Broken {
		if !b.Should {
			return true
		}
	}
	return c.Err != nil || c.Diff != "" && !update
}

// OK reports whether the run passes.
func (r *Cases) OK() bool {
	for _, c := range r.All {
		if c.fails(r.Update) {
			return false
		}
	}
	return !r.Strict || len(r.Without) == 0
}

// Print prints the results to out, and notes to notes.
func (r *Cases) Print(out, notes *output.Stream, asJSON bool) error {
	if asJSON {
		return out.JSON(r.json())
	}
	differs := false
	for _, c := range r.All {
		r.printCase(out, c)
		differs = differs || c.status(r.Update) == "differs"
	}
	for _, choice := range r.Without {
		out.Line("%-8s %s", "no case", choice)
	}
	if differs {
		notes.Note("dockerflow template test %s --update accepts the differences", phrase.Folder(r.Dir))
	}
	return nil
}

func (r *Cases) printCase(out *output.Stream, c Case) {
	status := c.status(r.Update)
	if c.Err != nil {
		out.Line("%-8s %s: %s", status, c.Name, c.Err)
	} else {
		out.Line("%-8s %s", status, c.Name)
	}
	for _, b := range c.Broken {
		level := "breaks"
		if b.Should {
			level = "advice"
		}
		out.Line("%-8s %s: %s", level, c.Name, brokenText(b))
	}
	if status != "differs" {
		return
	}
	for line := range strings.Lines(c.Diff) {
		out.Line("    %s", strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    "))
	}
}

func brokenText(b template.Broken) string {
	switch {
	case b.Path == "":
		return b.Text
	case b.Line == 0:
		return b.Path + ": " + b.Text
	}
	return fmt.Sprintf("%s:%d: %s", b.Path, b.Line, b.Text)
}

type casesJSON struct {
	Dir         string     `json:"dir"`
	OK          bool       `json:"ok"`
	Cases       []caseJSON `json:"cases"`
	WithoutCase []string   `json:"without_case"`
}

type caseJSON struct {
	Name   string       `json:"name"`
	Status string       `json:"status"`
	Error  string       `json:"error,omitempty"`
	Diff   string       `json:"diff,omitempty"`
	Broken []brokenJSON `json:"broken"`
}

type brokenJSON struct {
	Path  string `json:"path,omitempty"`
	Line  int    `json:"line,omitempty"`
	Level string `json:"level"`
	Text  string `json:"text"`
}

func (r *Cases) json() casesJSON {
	result := casesJSON{filepath.ToSlash(r.Dir), r.OK(), []caseJSON{}, append([]string{}, r.Without...)}
	for _, c := range r.All {
		one := caseJSON{Name: c.Name, Status: c.status(r.Update), Diff: c.Diff, Broken: []brokenJSON{}}
		if c.Err != nil {
			one.Error = c.Err.Error()
		}
		for _, b := range c.Broken {
			level := "must"
			if b.Should {
				level = "should"
			}
			one.Broken = append(one.Broken, brokenJSON{b.Path, b.Line, level, b.Text})
		}
		result.Cases = append(result.Cases, one)
	}
	return result
}
