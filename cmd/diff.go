package cmd

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// diffOptions is one run of `dockerflow diff`.
type diffOptions struct {
	env Env
	lib *library

	exitCode, nameStatus, asJSON bool
}

func newDiff(env Env, lib *library) *cobra.Command {
	o := &diffOptions{env: env, lib: lib}
	c := &cobra.Command{
		Use:   "diff [DIR]",
		Short: "Show how a service differs from what its template wrote",
		Long: `Show how the service in DIR, or in this folder, differs from what its template wrote: what you changed and deleted.

The difference is to the version that the service has, not to the template's newest: update --dry-run shows what that would
bring. Files of your own are left out.`,
		Example: `  dockerflow diff
  dockerflow diff hello --name-status
  dockerflow diff --exit-code > /dev/null && echo pristine`,
		Args:              cobra.MaximumNArgs(1),
		RunE:              inFolder(o.run),
		ValidArgsFunction: folders,
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&o.exitCode, "exit-code", false, "exit 1 if there are differences, as git diff does")
	f.BoolVar(&o.nameStatus, "name-status", false, "only the paths: M changed, D deleted, T no regular file any more, ? changed, but from what is not known")
	f.BoolVar(&o.asJSON, "json", false, "print the paths, what became of each, and the difference as JSON")
	c.MarkFlagsMutuallyExclusive("name-status", "json")
	return c
}

func (o *diffOptions) run(ctx context.Context, dir string) error {
	e, err := openProject(ctx, o.env, dir)
	if err != nil {
		return err
	}
	if err := e.undisturbed(ctx); err != nil {
		return err
	}
	if err := e.load(); err != nil {
		return err
	}
	all, err := e.differences(ctx, o.lib)
	if err != nil {
		return err
	}
	if err := o.print(ctx, e, all); err != nil {
		return err
	}
	if o.exitCode && len(all) > 0 {
		return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s differs from what the template wrote in %s", e.dir, phrase.Count(len(all), "file")), Hint: ""}
	}
	return nil
}

// jsonDiff is what diff prints with --json.
type jsonDiff struct {
	Dir      string     `json:"dir"`
	Template string     `json:"template"`
	Version  int        `json:"version"`
	Files    []jsonFrom `json:"files"` // sorted by path
}

type jsonFrom struct {
	Path   string         `json:"path"`
	Status project.Status `json:"status"`
	Diff   string         `json:"diff,omitempty"` // unified
}

func (o *diffOptions) print(ctx context.Context, e *existing, found []project.Difference) error {
	listed := jsonDiff{e.dir, e.record.Template, e.record.Version, []jsonFrom{}}
	var all strings.Builder
	for _, d := range found {
		if err := ctx.Err(); err != nil {
			return err
		}
		var text strings.Builder
		if d.Was != nil && d.Status != project.Retyped {
			unified(&text, d.Path, d.Was, d.Now)
		}
		switch {
		case o.asJSON:
			listed.Files = append(listed.Files, jsonFrom{d.Path, d.Status, text.String()})
		case o.nameStatus:
			o.env.Out.Line("%s\t%s", d.Status, d.Path)
		case text.Len() > 0:
			all.WriteString(text.String())
		default:
			e.note("%s: %s", d.Path, map[project.Status]string{
				project.Unknown: "changed, but what the template wrote is not in the project's history",
				project.Absent:  "deleted, and what the template wrote is not in the project's history",
				project.Retyped: "is no regular file any more",
			}[d.Status])
		}
	}
	if o.asJSON {
		return o.env.Out.JSON(listed)
	}
	report.Patch(o.env.Out, o.env.Err, all.String())
	return nil
}

// differences compares each recorded file with its pristine content.
func (e *existing) differences(ctx context.Context, lib *library) ([]project.Difference, error) {
	ours, err := tree.ReadTree(e.env.FS, e.dir, sorted(e.record.Files))
	if err != nil {
		return nil, err
	}
	contents, err := e.pristine(ctx, e.record.Changed(ours), lib)
	if err != nil {
		return nil, err
	}
	return e.record.Differences(ours, contents), nil
}

// pristine finds contents by their ids: in git's history, in the record itself, or by rendering if the template is
// still the same.
func (e *existing) pristine(ctx context.Context, changed map[string]string, lib *library) (map[string][]byte, error) {
	found := map[string][]byte{}
	if e.repo != nil {
		blobs, err := e.repo.blobs(ctx, unique(changed))
		if err != nil {
			return nil, failure.New("", "%w", err)
		}
		maps.Copy(found, blobs)
	}
	for p, id := range changed {
		if f, ok := e.record.Bases[p]; ok {
			found[id] = f.Data
		}
	}
	if len(found) == len(unique(changed)) {
		return found, nil
	}
	lib.offline = true // nobody asked for the network
	t, err := lib.recorded(ctx, e.dir, e.record, "", e.record.Origin.Commit)
	if err != nil || t.Version != e.record.Version {
		return found, nil //nolint:nilerr // it only helps where it can
	}
	answers, err := t.Resolve(e.answersOf(t))
	if err != nil {
		return found, nil //nolint:nilerr // it only helps where it can
	}
	files, err := t.RenderContext(ctx, answers)
	if err != nil {
		return nil, err
	}
	for p, id := range changed {
		if f, ok := files[p]; ok && tree.BlobID(f.Data) == id {
			found[id] = f.Data
		}
	}
	return found, nil
}

// answersOf are the recorded answers to what a template asks.
func (e *existing) answersOf(t *template.Template) map[string]string {
	given := map[string]string{}
	for _, q := range t.Questions {
		if s, ok := e.record.Answers[q.Name]; ok {
			given[q.Name] = s
		}
	}
	return given
}
