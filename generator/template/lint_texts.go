package template

import (
	"maps"
	"slices"
	"strings"
	"text/template/parse"
	"unicode/utf8"
)

// passage is a text that is rendered: a file, a part, or a default.
type passage struct {
	name    string // its name for text/template
	path    string // the file that contains it
	own     bool   // whether it is from the template itself
	text    string
	place   func(offset int) (line, column int) // in path
	before  []string                            // the questions whose answers it may use
	alone   bool                                // whether it cannot include others
	root    parse.Node
	problem bool // whether parsing failed
}

// checkTexts checks all texts that are rendered, and what they use.
func (r *lintRun) checkTexts() {
	u := &uses{lintRun: r, passages: map[string]*passage{}, asked: r.questionNames(), used: map[string]bool{}, included: map[string]bool{}, seen: map[visit]bool{}}
	var files, parts []*passage
	for _, group := range []struct {
		files map[string]layerFile
		into  *[]*passage
		named bool
	}{{r.parts, &parts, true}, {r.written, &files, false}} {
		for _, out := range slices.Sorted(maps.Keys(group.files)) {
			f := group.files[out]
			if !f.read {
				continue
			}
			p := &passage{name: f.path, path: f.path, own: f.own, text: f.text, before: u.asked}
			p.place = func(offset int) (int, int) { return lineColumn(p.text, offset) }
			if group.named {
				p.name = out
			}
			*group.into = append(*group.into, p)
			u.parse(p)
		}
	}
	for _, p := range files {
		u.walk(p, scope{true, true})
	}
	for _, p := range r.defaults() {
		if u.parse(p); !p.problem {
			u.walk(p, scope{true, true})
		}
	}
	for _, p := range parts {
		if p.own && !u.included[p.name] && !r.only() {
			r.report(p.path, 1, 1, "no file includes this part")
		}
		if !u.included[p.name] {
			u.walk(p, scope{true, true})
		}
	}
	r.checkUsed(u)
}

// checkUsed finds questions whose answers have no effect. The answer to name is always used: it is also the name of
// the new folder.
func (r *lintRun) checkUsed(u *uses) {
	if u.whole || r.only() || r.unread || r.baseless {
		return
	}
	for i, q := range r.template.all[len(r.base.all):] {
		if !u.used[q.Name] && q.Name != "name" && questionName().MatchString(q.Name) {
			r.fault(where("questions", i, "name"), "question %q: its answer is not used", q.Name)
		}
	}
}

// defaults returns the texts of the manifest that are rendered.
func (r *lintRun) defaults() (all []*passage) {
	var before []string
	for i, q := range r.template.all {
		var place []any
		switch own := i - len(r.base.all); {
		case own >= 0:
			place = where("questions", own, "default")
		case r.manifest.Answers[q.Name] != "":
			place = where("answers", q.Name)
		case r.manifest.Defaults[q.Name] != "":
			place = where("defaults", q.Name)
		}
		if node := r.places.node(place); place != nil && node != nil && strings.Contains(q.Default, delimLeft) {
			all = append(all, &passage{
				name: "default of " + q.Name, path: manifestFile, own: true, alone: true, text: q.Default, before: slices.Clone(before),
				place: func(offset int) (int, int) { return r.inScalar(node.Line, node.Column, q.Default, offset) },
			})
		}
		before = append(before, q.Name)
	}
	return all
}

// inScalar returns the position in the manifest for an offset in a value that begins at a line and column. YAML may
// quote and fold the value, so its actions are searched for.
func (r *lintRun) inScalar(line, column int, value string, offset int) (int, int) {
	from := offsetOf(r.text, line, column)
	start := strings.LastIndex(value[:min(offset+len(delimLeft), len(value))], delimLeft)
	if start < 0 {
		return line, column
	}
	place := from
	for range 1 + strings.Count(value[:start], delimLeft) {
		next := strings.Index(r.text[place:], delimLeft)
		if next < 0 {
			return line, column
		}
		place += next + len(delimLeft)
	}
	place -= len(delimLeft)
	if further := place + offset - start; further <= len(r.text) && r.text[place:further] == value[start:offset] {
		place = further
	}
	return lineColumn(r.text, place)
}

// lineColumn is a position in a text, as editors count it.
func lineColumn(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}

func offsetOf(text string, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(text[offset:], '\n')
		if next < 0 {
			return len(text)
		}
		offset += next + 1
	}
	for ; column > 1 && offset < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}
