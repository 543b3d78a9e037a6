package report

import (
	"context"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/project"
)

// Diff lists how a project differs from what its template wrote.
type Diff struct {
	Dir      string
	Template string
	Version  int                  // the template's version that wrote the project
	Files    []project.Difference // sorted by path
}

// DiffFormat selects how a Diff is printed. The zero value prints a patch.
type DiffFormat struct{ JSON, NameStatus bool }

// diffJSON is the output of diff --json.
type diffJSON struct {
	Dir      string       `json:"dir"`
	Template string       `json:"template"`
	Version  int          `json:"version"`
	Files    []differJSON `json:"files"` // sorted by path
}

type differJSON struct {
	Path   string         `json:"path"`
	Status project.Status `json:"status"`
	Diff   string         `json:"diff,omitempty"` // unified
}

// Print prints the differences to out, and notes to notes. It stops when ctx ends.
func (d *Diff) Print(ctx context.Context, out, notes *output.Stream, as DiffFormat) error {
	listed := diffJSON{d.Dir, d.Template, d.Version, []differJSON{}}
	var all strings.Builder
	for _, f := range d.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		var text strings.Builder
		if f.Was != nil && f.Status != project.Retyped {
			unified(&text, f.Path, f.Was, f.Now)
		}
		switch {
		case as.JSON:
			listed.Files = append(listed.Files, differJSON{f.Path, f.Status, text.String()})
		case as.NameStatus:
			out.Line("%s\t%s", f.Status, f.Path)
		case text.Len() > 0:
			all.WriteString(text.String())
		default:
			notes.Note("%s: %s", f.Path, map[project.Status]string{
				project.Unknown: "changed, but the template's original is not in the project's history",
				project.Absent:  "deleted, and the template's original is not in the project's history",
				project.Retyped: "is no longer a regular file",
			}[f.Status])
		}
	}
	if as.JSON {
		return out.JSON(listed)
	}
	patch(out, notes, all.String())
	return nil
}
