package template

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"dockerflow/generator/tree"
)

// Guess finds the answer to a question in a project that the template did not generate.
type Guess struct {
	Question string `yaml:"question"`
	File     string `yaml:"file"`    // a path that ends in a slash is a folder
	Pattern  string `yaml:"pattern"` // a regular expression whose first group is the answer
	Value    string `yaml:"value"`   // the answer, in place of a group
}

// adoption is the part of a manifest about projects that its template did not generate.
type adoption struct {
	Signs []string   `yaml:"signs"` // if a project has one of these files, the template may fit it
	Adopt [][]string `yaml:"adopt"` // see Offered
	Guess []Guess    `yaml:"guess"` // the first match counts
}

// addAdoption collects the adoption data of the manifests, the template's own first. It checks only the template's
// own.
func (t *Template) addAdoption(own, base adoption) (f faults) {
	t.adoption = adoption{
		Signs: slices.Concat(own.Signs, base.Signs),
		Adopt: slices.Concat(own.Adopt, base.Adopt),
		Guess: slices.Concat(own.Guess, base.Guess),
	}
	path := func(p string, steps ...any) {
		if err := tree.CheckNamed(p); err != nil {
			f.add(steps, "path %q: %w", p, err)
		}
	}
	for i, g := range own.Guess {
		if !slices.ContainsFunc(t.all, func(q Question) bool { return q.Name == g.Question }) {
			f.add(where("guess", i, "question"), "guess: no question %q", g.Question)
		} else if g.Pattern == "" && g.Value == "" {
			f.add(where("guess", i), "guess: %s: want a pattern or a value", g.Question)
		}
		path(g.File, "guess", i, "file")
	}
	for i, group := range own.Adopt {
		if len(group) == 0 {
			f.add(where("adopt", i), "adopt: want paths in each group")
		}
		for j, p := range group {
			path(p, "adopt", i, j)
		}
	}
	for i, p := range own.Signs {
		path(p, "signs", i)
	}
	return f
}

// Recognises reports whether t may fit a project. The function has reports whether the project has a path.
func (t *Template) Recognises(has func(string) bool) bool {
	return slices.ContainsFunc(t.adoption.Signs, has)
}

// Guesses returns the valid answers that a project shows. The function read returns the content of a file, and whether
// it exists.
func (t *Template) Guesses(read func(string) (string, bool)) (map[string]string, error) {
	found := map[string]string{}
	for _, g := range t.adoption.Guess {
		if _, known := found[g.Question]; known {
			continue
		}
		text, ok := read(g.File)
		if !ok {
			continue
		}
		s, err := g.find(text)
		if err != nil {
			return nil, fmt.Errorf("template %s: guess: %s: %w", t.Name, g.Question, err)
		}
		if s, ok := t.takes(g.Question, s); ok {
			found[g.Question] = s
		}
	}
	return found, nil
}

func (g Guess) find(text string) (string, error) {
	if g.Pattern == "" {
		return g.Value, nil
	}
	re, err := g.compile()
	if err != nil {
		return "", err
	}
	switch m := re.FindStringSubmatch(text[:min(len(text), maxGuess)]); {
	case m == nil:
		return "", nil
	case g.Value != "":
		return g.Value, nil
	case len(m) > 1:
		return m[1], nil
	}
	return "", errors.New("want a group in the pattern, or a value")
}

func (g Guess) compile() (*regexp.Regexp, error) {
	return compile(`(?s:.*?)(?m:` + g.Pattern + `)(?s:.*)`)
}

// takes returns s, or the closest valid text, as an answer.
func (t *Template) takes(question, s string) (string, bool) {
	for _, q := range t.Questions {
		if q.Name != question || s == "" {
			continue
		}
		_, err := q.Parse(s)
		var wrong *AnswerError
		if errors.As(err, &wrong) {
			return wrong.Try, wrong.Try != ""
		}
		return s, true
	}
	return "", false
}

// Offered returns the files of tree that a project from elsewhere may get: those of each group of which the project
// has no file. A file without the rest of its group could break things: a .dockerignore for another Dockerfile, or a
// second CI. With also, groups of which the project has a file are offered, too. The function has reports whether the
// project has a path; a path that ends in a slash is a folder.
func (t *Template) Offered(files tree.Tree, has func(string) bool, also bool) tree.Tree {
	offered := tree.Tree{}
	for _, group := range t.adoption.Adopt {
		files := within(files, group)
		if slices.ContainsFunc(group, has) && (!also || !slices.ContainsFunc(slices.Collect(maps.Keys(files)), has)) {
			continue
		}
		for p, f := range files {
			offered[p] = f
		}
	}
	return offered
}

// within returns the files of tree that are listed, or in a listed folder.
func within(files tree.Tree, names []string) tree.Tree {
	found := tree.Tree{}
	for p, f := range files {
		for _, name := range names {
			if p == name || strings.HasSuffix(name, "/") && strings.HasPrefix(p, name) {
				found[path.Clean(p)] = f
			}
		}
	}
	return found
}

// Contract returns the files of tree that implement the specification. In an adopted project, all other files are the
// user's.
func (t *Template) Contract(tree tree.Tree) tree.Tree {
	return within(tree, slices.Concat(t.adoption.Adopt...))
}
