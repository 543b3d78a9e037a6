package report

import (
	"path/filepath"

	"dockerflow/cmd/output"
	"dockerflow/generator/template"
)

// Lint is the result of checking a template.
type Lint struct {
	Dir      string // the template's folder
	OK       bool   // all findings are warnings
	Findings []template.Finding
}

// Print prints the findings.
func (l *Lint) Print(out *output.Stream, asJSON bool) error {
	if asJSON {
		return out.JSON(l.json())
	}
	for _, f := range l.Findings {
		warning := ""
		if f.Warning {
			warning = "warning: "
		}
		out.Line("%s:%d:%d: %s%s", filepath.Join(l.Dir, filepath.FromSlash(f.Path)), f.Line, f.Column, warning, f.Text)
	}
	if len(l.Findings) == 0 {
		out.Line("%s: no problems found", l.Dir)
	}
	return nil
}

type lintJSON struct {
	Dir      string       `json:"dir"`
	OK       bool         `json:"ok"`
	Findings []lintedJSON `json:"findings"`
}

type lintedJSON struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Level  string `json:"level"`
	Text   string `json:"text"`
}

func (l *Lint) json() lintJSON {
	all := lintJSON{filepath.ToSlash(l.Dir), l.OK, []lintedJSON{}}
	for _, f := range l.Findings {
		level := "error"
		if f.Warning {
			level = "warning"
		}
		all.Findings = append(all.Findings, lintedJSON{f.Path, f.Line, f.Column, level, f.Text})
	}
	return all
}
