package cmd

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"

	"dockerflow/generator"
)

// Prompts is the way to ask for what is missing.
type Prompts int

// The ways to ask.
const (
	NoPrompts Prompts = iota // no terminal: never ask
	Lines                    // a line a question, for plain terminals and screen readers
	Form                     // pages that are drawn
)

// The smallest terminal that the form is drawn on.
const minColumns, minRows = 30, 8

func systemPrompts() Prompts {
	if !term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stderr.Fd()) {
		return NoPrompts
	}
	if os.Getenv("TERM") == "dumb" || os.Getenv("ACCESSIBLE") != "" {
		return Lines
	}
	columns, rows, err := term.GetSize(os.Stderr.Fd())
	if err == nil && columns > 0 && (columns < minColumns || rows < minRows) {
		return Lines
	}
	return Form
}

// ask completes the answers by prompts, where there is something to ask and a terminal to ask on.
func (o *newOptions) ask(ctx context.Context) error {
	missing := o.missing()
	if o.yes || len(missing) == 0 && !o.undecided() {
		return nil
	}
	if o.env.Prompts == NoPrompts {
		if len(missing) == 0 {
			return nil
		}
		return failed("--yes takes the defaults for all that has one", "%w", &generator.MissingError{Names: missing})
	}
	if err := o.checkGiven(); err != nil {
		return err
	}
	o.setDefaults(o.learn(ctx))
	o.asked = true
	if o.env.Prompts == Lines {
		return o.askLines()
	}
	return o.askForm(ctx)
}

// missing names what is not answered. Without a template, that is all that every template asks.
func (o *newOptions) missing() (names []string) {
	t, _ := o.template()
	if _, ok := o.given["template"]; !ok {
		names, t = []string{"template"}, o.common()
	}
	if t == nil {
		return nil // not one of ours: prepare says so
	}
	for _, q := range t.Missing(o.given) {
		names = append(names, q.Name)
	}
	return names
}

// common has the questions that all templates ask.
func (o *newOptions) common() *generator.Template {
	count := map[string]int{}
	for _, t := range o.templates {
		for _, q := range t.Questions {
			count[q.Name]++
		}
	}
	shared := &generator.Template{}
	for _, q := range o.templates[0].Questions {
		if count[q.Name] == len(o.templates) {
			shared.Questions = append(shared.Questions, q)
		}
	}
	return shared
}

// undecided tells whether files are in the way and nothing was said about them.
func (o *newOptions) undecided() bool {
	if o.onConflict != "" || o.dryRun || o.env.Prompts == NoPrompts {
		return false
	}
	p, err := o.prepare()
	return err == nil && len(p.plan.Conflicts()) > 0
}

// checkGiven finds fault with flags before the first question.
func (o *newOptions) checkGiven() error {
	if _, ok := o.given["template"]; !ok {
		return nil
	}
	t, err := o.template()
	if err != nil {
		return err
	}
	for _, q := range t.Questions {
		if s, ok := o.given[q.Name]; ok {
			if _, err := q.Parse(s); err != nil {
				return hinted(err)
			}
		}
	}
	return nil
}

// learn finds defaults on this machine: the owner of the folder's remote, or git's github.user, and a name for the
// service. They are for prompts only, where one sees them; --yes gives the same everywhere.
func (o *newOptions) learn(ctx context.Context) map[string]string {
	found := map[string]string{"name": "hello"}
	if o.dir != "" {
		if abs, err := filepath.Abs(o.dir); err == nil {
			found["name"] = generator.Slug(filepath.Base(abs))
		}
	}
	if o.env.Git == nil {
		return found
	}
	out, err := o.env.Git(ctx, ".", "", "config", "--get-regexp", `^(remote\.origin\.url|github\.user)$`)
	if err != nil {
		return found
	}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if owner := remoteOwner(value); key == "remote.origin.url" && owner != "" {
			found["owner"] = owner
		}
		if key == "github.user" && found["owner"] == "" {
			found["owner"] = value
		}
	}
	return found
}

// remoteOwner is acme in https://github.com/acme/hello.git and git@github.com:acme/hello.git.
func remoteOwner(url string) string {
	_, path, ok := strings.Cut(url, "github.com")
	if !ok {
		return ""
	}
	owner, _, _ := strings.Cut(strings.TrimLeft(path, ":/"), "/")
	return owner
}

// preview is what the last question is asked about.
type preview struct {
	says      string
	decisions []decision
}

// decision is one way to go on.
type decision struct {
	says   string
	action string // go, skip, overwrite or stop
}

const (
	goOn = "go"
	stop = "stop"
)

// preview renders the project with what is answered so far, and words the last question.
func (o *newOptions) preview(given map[string]string) (*preview, error) {
	with := *o
	with.given = given
	p, err := with.prepare()
	if err != nil {
		return nil, err
	}
	names := []string{generator.RecordFile}
	for _, c := range p.plan.Changes {
		names = append(names, c.Path)
	}
	slices.Sort(names)
	where := p.plan.Dir
	if where == "." {
		where = "this folder"
	}
	v := &preview{says: fmt.Sprintf("%s in %s: %s", files(len(names)), where, strings.Join(names, ", "))}
	conflicts := p.plan.Conflicts()
	if len(conflicts) == 0 || o.onConflict != "" {
		v.decisions = []decision{{map[bool]string{false: "Write them", true: "Show what would be written"}[o.dryRun], goOn}, {"Stop", stop}}
		return v, nil
	}
	var clash []string
	for _, c := range conflicts {
		clash = append(clash, c.Path+" "+c.Why)
	}
	v.says = "In the way: " + strings.Join(clash, ", ")
	v.decisions = []decision{
		{"Write the others, and leave these as they are", string(generator.Skip)},
		{"Write all, and replace these", string(generator.Overwrite)},
		{"Stop", stop},
	}
	return v, nil
}

// decided takes what was answered.
func (o *newOptions) decided(given map[string]string, action string) error {
	switch action {
	case stop:
		return errInterrupted
	case string(generator.Skip), string(generator.Overwrite):
		o.onConflict = action
	}
	maps.Copy(o.given, given)
	return nil
}
