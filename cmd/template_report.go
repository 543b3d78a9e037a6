package cmd

import (
	"fmt"
	"path/filepath"
	"strings"

	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// status tells what became of a case in a word.
func (c *ranCase) status(update bool) string {
	switch {
	case c.err != nil:
		return "error"
	case c.updated:
		return "updated"
	case c.diff != "" && !update:
		return "differs"
	}
	return "ok"
}

// fails tells whether a case is a finding.
func (c *ranCase) fails(update bool) bool {
	for _, b := range c.broken {
		if !b.Should {
			return true
		}
	}
	return c.err != nil || c.diff != "" && !update
}

func (o *templateTestOptions) report(all []*ranCase, without []string) error {
	ok := !o.strict || len(without) == 0
	for _, c := range all {
		ok = ok && !c.fails(o.update)
	}
	if o.asJSON {
		if err := o.env.Out.JSON(o.json(all, without, ok)); err != nil {
			return err
		}
	} else {
		o.print(all, without)
	}
	if !ok {
		return errFaulty
	}
	return nil
}

func (o *templateTestOptions) print(all []*ranCase, without []string) {
	w := o.env.Out
	for _, c := range all {
		status := c.status(o.update)
		if c.err != nil {
			w.Line("%-8s %s: %s", status, c.name, c.err)
		} else {
			w.Line("%-8s %s", status, c.name)
		}
		for _, b := range c.broken {
			level := "breaks"
			if b.Should {
				level = "advice"
			}
			w.Line("%-8s %s: %s", level, c.name, brokenText(b))
		}
		if status == "differs" {
			for line := range strings.Lines(c.diff) {
				w.Line("    %s", strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    "))
			}
		}
	}
	for _, choice := range without {
		w.Line("%-8s %s", "no case", choice)
	}
	for _, c := range all {
		if c.status(o.update) == "differs" {
			o.env.note("dockerflow template test %s --update accepts the differences", phrase.Folder(o.dir))
			break
		}
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

func (o *templateTestOptions) json(all []*ranCase, without []string, ok bool) casesJSON {
	result := casesJSON{filepath.ToSlash(o.dir), ok, []caseJSON{}, append([]string{}, without...)}
	for _, c := range all {
		one := caseJSON{Name: c.name, Status: c.status(o.update), Diff: c.diff, Broken: []brokenJSON{}}
		if c.err != nil {
			one.Error = c.err.Error()
		}
		for _, b := range c.broken {
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
