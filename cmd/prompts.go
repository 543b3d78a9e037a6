package cmd

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/template"
)

// ask completes the answers by prompts, where there is something to ask and a terminal to ask on.
func (o *newOptions) ask(ctx context.Context) error {
	missing := o.missing()
	if o.yes || len(missing) == 0 && !o.undecided() {
		return nil
	}
	if o.env.Prompts == prompt.None {
		if len(missing) == 0 {
			return nil
		}
		return failure.New("--yes takes the defaults for all that has one", "%w", &template.MissingError{Names: missing})
	}
	if err := o.checkGiven(); err != nil {
		return err
	}
	o.setDefaults(o.learn(ctx))
	o.prefer() // what the user has set, to what was found
	o.setDefaults(map[string]string{"name": o.folderName()})
	return o.prompt(ctx)
}

// prompt asks for what is missing, in the way that the terminal allows.
func (o *newOptions) prompt(ctx context.Context) error {
	o.asked = true
	t := prompt.Terminal{Kind: o.env.Prompts, In: o.env.In, Out: o.env.Err, Run: o.env.form}
	given, action, err := t.Ask(ctx, prompt.Questions{Templates: o.templates, Given: o.given, Preview: o.show})
	if err != nil {
		return err
	}
	o.decided(given, action)
	return nil
}

// missing names what is not answered. Without a template, that is all that every template asks.
func (o *newOptions) missing() (names []string) {
	t, _ := o.template()
	if _, ok := o.given["template"]; !ok {
		names, t = []string{"template"}, template.Common(o.templates)
	}
	if t == nil {
		return nil // not one of ours: prepare says so
	}
	for _, q := range t.Missing(o.given) {
		names = append(names, q.Name)
	}
	return names
}

// undecided tells whether files are in the way and nothing was said about them.
func (o *newOptions) undecided() bool {
	if o.onConflict != "" || o.dryRun || o.env.Prompts == prompt.None {
		return false
	}
	p, err := o.prepare()
	return err == nil && o.decide(p) == nil && len(p.plan.Conflicts()) > 0
}

// checkGiven finds fault with flags before the first question.
func (o *newOptions) checkGiven() error {
	among := o.templates
	if _, ok := o.given["template"]; ok {
		t, err := o.template()
		if err != nil {
			return err
		}
		var unknown *template.UnknownError
		if _, err := t.Resolve(o.answersOnly()); errors.As(err, &unknown) {
			return hinted(err)
		}
		among = []*template.Template{t}
	}
	for _, name := range slices.Sorted(maps.Keys(o.given)) {
		if err := template.Refused(among, name, o.given[name]); err != nil {
			return hinted(err)
		}
	}
	return nil
}

// learn finds defaults on this machine: the owner of the folder's remote, or git's github.user, and a name for the
// service. They are for prompts only, where one sees them; --yes gives the same everywhere.
func (o *newOptions) learn(ctx context.Context) map[string]string {
	found := map[string]string{"name": "hello"}
	if name := o.folderName(); name != "" {
		found["name"] = name
	}
	if o.env.Git == nil {
		return found
	}
	out, err := o.env.Git(ctx, git.Command{Dir: o.gitFolder(), Args: []string{"config", "--get-regexp", `^(remote\.origin\.url|github\.user)$`}})
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
	if template.Refused(o.templates, "owner", found["owner"]) != nil {
		delete(found, "owner")
	}
	return found
}

// folderName is a name for the service: that of its folder, also where that is this one.
func (o *newOptions) folderName() string {
	abs, err := filepath.Abs(o.dir)
	if o.dir == "" || err != nil {
		return ""
	}
	return template.Slug(filepath.Base(abs))
}

// gitFolder is where git is asked: a new project's folder may not be there yet.
func (o *newOptions) gitFolder() string {
	if o.existing {
		return o.dir
	}
	return "."
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
