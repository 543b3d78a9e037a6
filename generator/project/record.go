package project

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

const recordHead = `# What this project was made from: dockerflow reads it to keep the project up to date. Commit it.
`

const (
	keptHead = `# Your files: dockerflow update does not change them. Remove a line to merge that file with the template's.
kept:
`
	basesHead = `# The template's text of files that you changed, too: the next merge needs it.
bases:
`
)

// Written is the content of a project after a run, as its record describes it.
type Written struct {
	Origin  template.Origin // of the template, relative to the project
	Adopted bool            // the template did not generate the project
	Files   tree.Tree       // pristine contents
	Kept    tree.Tree       // pristine contents for which the project has its own files, which no update touches
	Bases   tree.Tree       // those of Files that no commit will contain, because they were merged with the user's changes
}

// NewRecord returns the RecordFile of a project of template t: the template, its version, every answer, and the git blob id
// of each file's pristine content. The same template and answers give the same bytes.
func NewRecord(t *template.Template, a template.Answers, w Written) tree.File {
	l := layout{template: t.Name, origin: w.Origin, version: t.Version, extends: t.Extends, adopted: w.Adopted, files: ids(t, w.Files), kept: ids(t, w.Kept), bases: map[string]string{}}
	for _, q := range t.Questions {
		l.answers = append(l.answers, [2]string{q.Name, scalar(a[q.Name])})
	}
	var packer packer
	for p, f := range w.Bases {
		l.bases[p] = packer.pack(f.Data)
	}
	return tree.File{Mode: 0o644, Data: l.text()}
}

func ids(t *template.Template, tree tree.Tree) map[string]string {
	all := make(map[string]string, len(tree))
	id := t.BlobIDs()
	for p, f := range tree {
		all[p] = id(p, f.Data)
	}
	return all
}

// layout is the content of a RecordFile in the form that it is written.
type layout struct {
	template           string
	origin             template.Origin
	version            int
	extends            map[string]int
	adopted            bool
	answers            [][2]string // question and value, in YAML syntax
	files, kept, bases map[string]string
}

func (l layout) text() []byte {
	var b bytes.Buffer
	b.Grow(1024 + 100*(len(l.files)+len(l.kept))) // an estimate
	b.WriteString(recordHead)
	fmt.Fprintf(&b, "template: %s\n", l.template)
	for _, line := range []struct{ key, value string }{{"source", l.origin.Source}, {"ref", l.origin.Ref}, {"commit", l.origin.Commit}} {
		if line.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", line.key, scalar(line.value))
		}
	}
	fmt.Fprintf(&b, "version: %d\n", l.version)
	if len(l.extends) > 0 {
		b.WriteString("extends:\n")
		for _, name := range slices.Sorted(maps.Keys(l.extends)) {
			fmt.Fprintf(&b, "  %s: %d\n", name, l.extends[name])
		}
	}
	if l.adopted {
		b.WriteString("adopted: true\n")
	}
	b.WriteString("answers:\n")
	for _, a := range l.answers {
		fmt.Fprintf(&b, "  %s: %s\n", a[0], a[1])
	}
	section(&b, "files:\n", l.files)
	if len(l.kept) > 0 {
		section(&b, keptHead, l.kept)
	}
	if len(l.bases) > 0 {
		section(&b, basesHead, l.bases)
	}
	return b.Bytes()
}

func section(b *bytes.Buffer, head string, values map[string]string) {
	b.WriteString(head)
	for _, p := range slices.Sorted(maps.Keys(values)) {
		b.WriteString("  ")
		b.WriteString(scalar(p))
		b.WriteString(": \"")
		b.WriteString(values[p])
		b.WriteString("\"\n")
	}
}

// scalar returns v in YAML syntax. Texts are quoted, so that no YAML reader takes them for a number, a date or a boolean.
func scalar(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if q := strconv.Quote(s); len(q) == len(s)+2 {
		return q // nothing was escaped: the usual case, and much faster
	}
	q, _ := template.Quote(s) // no text fails
	return q
}
