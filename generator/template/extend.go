package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"dockerflow/generator/tree"
)

// MaxLayers limits how many templates can extend each other.
const MaxLayers = 8

// versions returns the versions of a base template, and of all templates that it extends.
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

// prepare checks and applies what a manifest changes in the questions of its base. These come first in the list.
func (t *Template) prepare(m manifest, inherited int, taken Taken) (f faults) {
	switch {
	case m.About == "" && m.Version != 0:
		f.add(where("about"), "want both about and version; the first version is 1")
	case m.About != "" && m.Version < 1:
		f.add(where("version"), "want both about and version; the first version is 1")
	}
	if len(t.layers) > MaxLayers {
		f.add(where("extends"), "extends: want at most %d templates that extend each other", MaxLayers)
	}
	known := map[string]*Question{}
	for i := range t.all {
		q, place := &t.all[i], i-inherited
		if known[q.Name] != nil {
			hint := ""
			if slices.ContainsFunc(t.all[:inherited], func(other Question) bool { return other.Name == q.Name }) {
				hint = "; use defaults to change the default of a question of the base"
			}
			f.add(where("questions", place, "name"), "question %q is defined twice%s", q.Name, hint)
			continue
		}
		known[q.Name] = q
		if place < 0 {
			continue // its own manifest is checked already
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

// Added returns the questions that the template has and its bases do not.
func (t *Template) Added() []Question { return asked(t.all[t.inherited:]) }

// asked returns the questions that the template does not answer itself.
func asked(all []Question) []Question {
	return slices.DeleteFunc(slices.Clone(all), func(q Question) bool { return q.fixed })
}

// override applies the defaults and answers of a manifest to the questions of its base.
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
				f.add(place, "want each question either in defaults or in answers, not in both")
			case i < 0:
				f.add(place, "%s: the base has no question %q", section.name, name)
			case base[i].fixed && !section.fixed:
				f.add(place, "%s: the base already answers %q", section.name, name)
			case section.texts[name] == "":
				f.add(place, "%s: %s: want a text", section.name, name)
			default:
				base[i].Default, base[i].Required, base[i].fixed = section.texts[name], false, section.fixed
			}
		}
	}
}

// reserve assigns reserved words and patterns to their questions, including questions of the base.
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
		f.add(where("drop"), "drop: there is no base to drop files from: want extends")
	}
	for i, p := range m.Drop {
		if err := tree.CheckNamed(p); err != nil {
			f.add(where("drop", i), "drop: path %q: %w", p, err)
		}
	}
}

// drops reports whether a layer removes an output path of the layers before it.
func (l layer) drops(p string) bool {
	return slices.ContainsFunc(l.drop, func(d string) bool {
		return p == d || strings.HasSuffix(d, "/") && strings.HasPrefix(p, d)
	})
}
