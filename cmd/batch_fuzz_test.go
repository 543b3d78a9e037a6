package cmd

import (
	"os"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"
)

// told returns the readable rows of a text: the keys and values of each, with their positions.
func told(t *testing.T, rows []row) (all [][]yaml.Node, whole bool) {
	t.Helper()
	whole = true
	for i, r := range rows {
		if r.number != i+1 || r.line < 1 || r.column < 1 {
			t.Fatalf("row %d is number %d, at %d:%d", i+1, r.number, r.line, r.column)
		}
		pairs, err := r.pairs()
		if err != nil {
			if !hasPlace.MatchString(err.Error()) {
				t.Fatalf("%v: want line:column: before it", err)
			}
			whole = false
		}
		var flat []yaml.Node
		for _, n := range pairs {
			flat = append(flat, yaml.Node{Kind: n.Kind, Tag: n.ShortTag(), Value: n.Value, Line: n.Line, Column: n.Column})
		}
		all = append(all, flat)
	}
	return all, whole
}

var hasPlace = regexp.MustCompile(`^[1-9]\d*:[1-9]\d*: .`)

// FuzzRows checks that every error has a position, and that parsing a list item by item gives the same rows as parsing
// it as a whole.
func FuzzRows(f *testing.F) {
	for _, name := range []string{"batch", "batch_bad"} {
		script, err := os.ReadFile("testdata/script/" + name + ".txtar")
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(script).Files {
			f.Add(file.Data)
		}
	}
	f.Add([]byte("---0\n- 0:")) // not the start of a document, though it looks like one
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) || len(data) > maxRow {
			return
		}
		rows, err := readRows(data)
		if err != nil {
			if !hasPlace.MatchString(err.Error()) {
				t.Fatalf("%v: want line:column: before it", err)
			}
			return
		}
		got, whole := told(t, rows)
		if len(rows) == 0 || rows[0].isJSON || rows[0].node != nil || !whole {
			return
		}
		all, err := flowRows(data)
		if err != nil {
			t.Fatalf("each row parses, but the whole list does not: %v", err)
		}
		want, _ := told(t, all)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-together +alone:\n%s", diff)
		}
	})
}
