package project

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"dockerflow/generator/budget"
	"dockerflow/generator/merge"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// PrepareMerge prepares the merge of the files that t writes today into the project with record r. The caller adds Ours, the
// labels and the contents that Wanted lists. The user's own files are not merged: they are returned as kept.
func PrepareMerge(t *template.Template, r *Record, files tree.Tree) (s merge.Sides, kept tree.Tree) {
	s = merge.Sides{Base: tree.Tree{}, Recorded: maps.Clone(r.Files), Theirs: maps.Clone(files), Moved: t.Moved}
	maps.Copy(s.Base, r.Bases)
	kept = tree.Tree{}
	for p := range r.Kept {
		if now := t.PlaceOf(files, p); now != "" {
			kept[now] = files[now]
			delete(s.Theirs, now)
			delete(s.Recorded, now)
		}
	}
	if !r.Adopted {
		return s, kept
	}
	contract := t.Contract(files)
	for p, f := range s.Theirs {
		_, belongs := contract[p]
		if _, had := r.Files[p]; !had && !belongs {
			kept[p] = f
			delete(s.Theirs, p)
		}
	}
	return s, kept
}

// Renew returns the RecordFile after a merge. It keeps what the generator did not write in the old text: comments, and the
// sections of other commands.
func Renew(t *template.Template, r *Record, text []byte, a template.Answers, w Written) tree.File {
	fresh := NewRecord(t, a, w)
	if r == nil || bytes.Equal(text, r.layout.text()) {
		if r == nil {
			fresh.Data = appendForeign(fresh.Data, text)
		}
		return fresh
	}
	data, conflicts := merge.Text(budget.New(context.Background(), merge.MergeLimits), r.layout.text(), text, fresh.Data, merge.Labels{})
	if conflicts == 0 && readsAs(data, fresh.Data) {
		return tree.File{Mode: 0o644, Data: data}
	}
	return tree.File{Mode: 0o644, Data: appendForeign(fresh.Data, text)}
}

// readsAs reports whether two records have the same content.
func readsAs(data, want []byte) bool {
	a, err := ReadRecord(data)
	if err != nil {
		return false
	}
	b, err := ReadRecord(want)
	return err == nil && a.Template == b.Template && a.Origin == b.Origin && a.Version == b.Version && a.Adopted == b.Adopted && maps.Equal(a.Answers, b.Answers) &&
		maps.Equal(a.Extends, b.Extends) && maps.Equal(a.Files, b.Files) && maps.Equal(a.Kept, b.Kept) && maps.Equal(a.layout.bases, b.layout.bases)
}

// sections are the sections that the generator writes. All others are foreign.
var sections = []string{"template", "source", "ref", "commit", "version", "extends", "adopted", "answers", "files", "kept", "bases"}

// appendForeign appends the foreign sections of text to record, byte for byte, with the comments above them.
func appendForeign(record, text []byte) []byte {
	var above, out [][]byte
	foreign := false
	for line := range bytes.Lines(text) {
		switch key, _, found := bytes.Cut(line, []byte(":")); {
		case bytes.HasPrefix(line, []byte("#")), len(bytes.TrimSpace(line)) == 0:
			above = append(above, line)
			continue
		case bytes.HasPrefix(line, []byte("---")), bytes.HasPrefix(line, []byte("...")):
			above, foreign = nil, false
			continue
		case found && line[0] != ' ' && line[0] != '\t' && line[0] != '-':
			foreign = !slices.Contains(sections, string(bytes.Trim(key, ` "'`)))
		}
		if foreign {
			out = append(append(out, above...), line)
		}
		above = nil
	}
	if foreign {
		out = append(out, above...)
	}
	if len(out) == 0 {
		return record
	}
	added := bytes.TrimPrefix(bytes.Join(out, nil), []byte("\ufeff"))
	added = bytes.TrimPrefix(added, []byte(recordHead))
	if !bytes.HasSuffix(added, []byte("\n")) {
		added = append(added, '\n')
	}
	return append(record, added...)
}

// Bases returns the texts that the next merge needs but that no commit will contain: the template's text of files that both
// the template and the user changed.
func Bases(r *Record, merged []merge.Merged, recorded map[string]string) tree.Tree {
	bases := tree.Tree{}
	for _, m := range merged {
		switch {
		case m.Theirs == nil || m.Result == nil || !m.Result.Mode.IsRegular() || !tree.IsText(m.Theirs.Data):
		case tree.SameText(m.Theirs.Data, m.Result.Data) || len(m.Theirs.Data) > maxBase:
		case m.Action == merge.Both, m.Action == merge.Conflict:
			bases[m.Path] = *m.Theirs
		default: // the template has not changed it since its text was recorded
			old := m.Path
			if m.From != "" {
				old = m.From
			}
			if f, ok := r.Bases[old]; ok && tree.BlobID(m.Theirs.Data) == recorded[old] {
				bases[m.Path] = f
			}
		}
	}
	return bases
}
