package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/project"
	"dockerflow/generator/source"
	"dockerflow/generator/template"
)

// library finds built-in and outside templates. It reads each one at most once per run.
type library struct {
	env     Env
	own     []*template.Template
	taken   template.Taken                // reserved names of questions
	opened  map[string]*template.Template // by source
	offline bool                          // use only the cache
}

var errUnknown = errors.New("no such template")

func newLibrary(env Env, own []*template.Template, taken template.Taken) *library {
	l := &library{env: env, own: own, taken: taken, opened: map[string]*template.Template{}}
	if env.tested != nil {
		l.opened[here().String()], l.offline = env.tested, true
	}
	return l
}

// find returns the template that --template names. It returns errUnknown for an unknown name.
func (l *library) find(ctx context.Context, name string) (*template.Template, error) {
	if t := template.Named(l.own, name); t != nil {
		return t, nil
	}
	if !source.IsSource(name) {
		c, err := l.env.config()
		if err != nil {
			return nil, err
		}
		if c.Templates[name] == "" {
			return nil, errUnknown
		}
		name = c.Templates[name]
	}
	s, err := source.Parse(name)
	if err != nil {
		return nil, failure.New("", "--template: %w", err)
	}
	return l.open(ctx, s, nil)
}

// open reads the template at s. above lists the templates that extend it.
func (l *library) open(ctx context.Context, s source.Source, above []string) (*template.Template, error) {
	key := s.String()
	if t := l.opened[key]; t != nil {
		return t, nil
	}
	for _, other := range above {
		if other == key {
			return nil, failure.New("", "template %s extends itself", key)
		}
	}
	if above = append(above, key); len(above) > template.MaxLayers {
		return nil, failure.New("", "template %s: want at most %d templates that extend each other", above[0], template.MaxLayers)
	}
	found, err := l.reader().Open(ctx, s)
	if err != nil {
		return nil, failure.New("", "template %w", err)
	}
	t, err := template.LoadOne(found.Files, s.Name(), l.taken, func(extends string) (*template.Template, error) {
		return l.base(ctx, extends, above)
	})
	if err != nil {
		return nil, failure.New("dockerflow template check lists all problems", "template %s: %w", key, err)
	}
	if t.About == "" && len(above) == 1 {
		return nil, failure.New("add about and version to its template.yaml", "template %s is only a base for others", key)
	}
	t.Origin = template.Origin{Source: source.Source{Kind: s.Kind, Place: s.Place, Sub: s.Sub}.String(), Ref: s.Ref, Commit: found.Commit}
	l.opened[key] = t
	return t, nil
}

func (l *library) reader() source.Reader {
	note := func(what string) { l.env.note("%s", what) }
	return source.Reader{FS: l.env.FS, Cache: l.env.Cache, Terminal: l.env.Prompts != prompt.None, Offline: l.offline, Note: note}
}

// base finds the template that another one extends: a built-in one, or one in git at a fixed tag or commit.
func (l *library) base(ctx context.Context, extends string, above []string) (*template.Template, error) {
	t, err := template.LoadNamed(l.env.Templates, extends, l.taken)
	if !errors.Is(err, template.ErrNoTemplate) {
		return t, err
	}
	if !source.IsSource(extends) {
		return nil, fmt.Errorf("%w: want common, one of %s, or a git repository with a tag or a commit", template.ErrNoTemplate, strings.Join(templateNames(l.own), ", "))
	}
	s, err := source.Parse(extends)
	if err != nil {
		return nil, err
	}
	if s.Kind != source.Git || s.Ref == "" {
		return nil, errors.New("want a git repository with a tag or a commit: URL@v1.2.0")
	}
	return l.open(ctx, s, above)
}

// recorded finds the template of a project by its record. Flags override the source and the ref.
func (l *library) recorded(ctx context.Context, dir string, r *project.Record, other, ref string) (*template.Template, error) {
	from := r.Origin.Source
	if other != "" {
		from = other
	}
	if from == "" || other != "" && !source.IsSource(other) {
		if ref != "" {
			return nil, failure.New("", "--ref is for templates in git, but this project uses a built-in template")
		}
		if other == "" {
			other = r.Template
		}
		t, err := l.find(ctx, other)
		if errors.Is(err, errUnknown) {
			names := templateNames(l.own)
			return nil, failure.New(suggest("template ", other, names, "built-in templates: "+strings.Join(names, ", ")), "no template %q", other)
		}
		return t, err
	}
	s, err := source.Parse(from)
	if err != nil {
		return nil, failure.New("choose another source with --template", "%w", err)
	}
	switch {
	case ref != "" && s.Kind != source.Git:
		return nil, failure.New("", "--ref is for templates in git, but %s is not in git", s)
	case ref != "" && s.Ref != "":
		return nil, failure.New("", "--template already has a ref: remove it or --ref")
	case ref == "" && other == "":
		ref = r.Origin.Ref
	}
	if ref != "" {
		if s, err = source.Parse(from + "@" + ref); err != nil {
			return nil, failure.New("", "--ref: %w", err)
		}
	}
	if s.Kind != source.Git && other == "" {
		s.Place = filepath.Join(dir, filepath.FromSlash(s.Place)) // project.RecordedOrigin made it relative
	}
	return l.open(ctx, s, nil)
}
