package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"dockerflow/generator/tree"
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
func (t *Template) prepare(m manifest, inherited int, taken Taken) (f faults) {
	switch {
	case m.About == "" && m.Version != 0:
		f.add(where("about"), "want about, and version from 1")
	case m.About != "" && m.Version < 1:
		f.add(where("version"), "want about, and version from 1")
	}
	if len(t.layers) > MaxLayers {
		f.add(where("extends"), "extends: want at most %d templates over each other", MaxLayers)
	}
	known := map[string]*Question{}
	for i := range t.all {
		q, place := &t.all[i], i-inherited
		if known[q.Name] != nil {
			hint := ""
			if slices.ContainsFunc(t.all[:inherited], func(other Question) bool { return other.Name == q.Name }) {
				hint = "; defaults changes the default of a question of the base"
			}
			f.add(where("questions", place, "name"), "question %q is defined twice%s", q.Name, hint)
			continue
		}
		known[q.Name] = q
		if place < 0 {
			continue // its own manifest was checked
		}
		for _, wrong := range q.prepare(taken) {
			f.add(append(where("questions", place), wrong.where...), "question %q: %w", q.Name, wrong.err)
		}
	}
	override(&f, t.all[:inherited], m)
	reserve(&f, known, m.Reserved)
	checkDrop(&f, m)
	t.Questions = asked(t.all)
	return f
}

// Added are the questions that the template asks and none that it is laid over does.
func (t *Template) Added() []Question { return asked(t.all[t.inherited:]) }

// asked leaves out the questions that the template answers itself.
func asked(all []Question) []Question {
	return slices.DeleteFunc(slices.Clone(all), func(q Question) bool { return q.fixed })
}

// override gives questions of a base the defaults and the answers of a manifest that extends it.
func override(f *faults, base []Question, m manifest) {
	for _, section := range []struct {
		name  string
		texts map[string]string
		fixed bool
	}{{"defaults", m.Defaults, false}, {"answers", m.Answers, true}} {
		for _, name := range slices.Sorted(maps.Keys(section.texts)) {
			place := where(section.name, name)
			_, other := m.Defaults[name]
			i := slices.IndexFunc(base, func(q Question) bool { return q.Name == name })
			switch {
			case section.fixed && other:
				f.add(place, "want a question in defaults or in answers, not in both")
			case i < 0:
				f.add(place, "%s: the base has no question %q", section.name, name)
			case base[i].fixed && !section.fixed:
				f.add(place, "%s: the base answers %q itself", section.name, name)
			case section.texts[name] == "":
				f.add(place, "%s: %s: want a text", section.name, name)
			default:
				base[i].Default, base[i].Required, base[i].fixed = section.texts[name], false, section.fixed
			}
		}
	}
}

// reserve hands the reserved words and patterns to their questions. Those of a base are the base's own, too.
func reserve(f *faults, known map[string]*Question, all []reserved) {
	for i, r := range all {
		q := known[r.Question]
		if q == nil {
			f.add(where("reserved", i, "question"), "reserved: no question %q", r.Question)
			continue
		}
		words := maps.Clone(q.reserved)
		if words == nil {
			words = map[string]string{}
		}
		for w := range strings.FieldsSeq(r.Words) {
			words[w] = r.Because
		}
		q.reserved = words
		if r.Pattern != "" {
			pattern := sync.OnceValues(func() (*regexp.Regexp, error) { return compile(r.Pattern) })
			q.barred = append(slices.Clip(q.barred), barred{pattern, r.Because})
		}
	}
}

func checkDrop(f *faults, m manifest) {
	if len(m.Drop) > 0 && m.Extends == "" {
		f.add(where("drop"), "drop: there is no base to drop anything of: want extends")
	}
	for i, p := range m.Drop {
		if err := tree.CheckNamed(p); err != nil {
			f.add(where("drop", i), "drop: path %q: %w", p, err)
		}
	}
}

// drops tells whether a layer takes away what the layers before it have at an output path.
func (l layer) drops(p string) bool {
	return slices.ContainsFunc(l.drop, func(d string) bool {
		return p == d || strings.HasSuffix(d, "/") && strings.HasPrefix(p, d)
	})
}
