package generator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MaxLayers bounds how many templates are laid over each other.
const MaxLayers = 8

// versions are those of a template that another one extends, and of what it extends itself.
func (t *Template) versions() map[string]int {
	all := maps.Clone(t.Extends)
	if t.Version > 0 {
		if all == nil {
			all = map[string]int{}
		}
		all[t.Name] = t.Version
	}
	return all
}

// prepare checks what a manifest adds to the questions of its base, which are the first ones, and changes those as it
// says.
func (t *Template) prepare(m manifest, inherited int) error {
	if (m.About == "") != (m.Version == 0) || m.Version < 0 {
		return errors.New("want about, and version from 1")
	}
	if len(t.layers) > MaxLayers {
		return fmt.Errorf("extends: want at most %d templates over each other", MaxLayers)
	}
	known := map[string]*Question{}
	for i := range t.all {
		q := &t.all[i]
		if known[q.Name] != nil {
			hint := ""
			if i >= inherited {
				hint = "; defaults changes the default of a question of the base"
			}
			return fmt.Errorf("question %q is defined twice%s", q.Name, hint)
		}
		known[q.Name] = q
		if i < inherited {
			continue // its own manifest was checked
		}
		if err := q.prepare(); err != nil {
			return fmt.Errorf("question %q: %w", q.Name, err)
		}
	}
	if err := errors.Join(override(t.all[:inherited], m), reserve(known, m.Reserved), checkDrop(m)); err != nil {
		return err
	}
	t.Questions = asked(t.all)
	return nil
}

// asked leaves out the questions that the template answers itself.
func asked(all []Question) []Question {
	return slices.DeleteFunc(slices.Clone(all), func(q Question) bool { return q.fixed })
}

// override gives questions of a base the defaults and the answers of a manifest that extends it.
func override(base []Question, m manifest) error {
	if both := slices.Collect(maps.Keys(m.Defaults)); slices.ContainsFunc(both, func(name string) bool { _, ok := m.Answers[name]; return ok }) {
		return errors.New("want a question in defaults or in answers, not in both")
	}
	for _, section := range []struct {
		name  string
		texts map[string]string
		fixed bool
	}{{"defaults", m.Defaults, false}, {"answers", m.Answers, true}} {
		for _, name := range slices.Sorted(maps.Keys(section.texts)) {
			i := slices.IndexFunc(base, func(q Question) bool { return q.Name == name })
			switch {
			case i < 0:
				return fmt.Errorf("%s: the base has no question %q", section.name, name)
			case base[i].fixed && !section.fixed:
				return fmt.Errorf("%s: the base answers %q itself", section.name, name)
			case section.texts[name] == "":
				return fmt.Errorf("%s: %s: want a text", section.name, name)
			}
			base[i].Default, base[i].Required, base[i].fixed = section.texts[name], false, section.fixed
		}
	}
	return nil
}

// reserve hands the reserved words to their questions. Those of a base are the base's own, too.
func reserve(known map[string]*Question, all []reserved) error {
	for _, r := range all {
		q := known[r.Question]
		if q == nil {
			return fmt.Errorf("reserved: no question %q", r.Question)
		}
		words := maps.Clone(q.reserved)
		if words == nil {
			words = map[string]string{}
		}
		for w := range strings.FieldsSeq(r.Words) {
			words[w] = r.Because
		}
		q.reserved = words
	}
	return nil
}

func checkDrop(m manifest) error {
	if len(m.Drop) > 0 && m.Extends == "" {
		return errors.New("drop: there is no base to drop anything of: want extends")
	}
	for _, p := range m.Drop {
		if err := checkPath(strings.TrimSuffix(p, "/")); err != nil {
			return fmt.Errorf("drop: path %q: %w", p, err)
		}
	}
	return nil
}

// drops tells whether a layer takes away what the layers before it have at an output path.
func (l layer) drops(p string) bool {
	return slices.ContainsFunc(l.drop, func(d string) bool {
		return p == d || strings.HasSuffix(d, "/") && strings.HasPrefix(p, d)
	})
}
