package generator

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// mustTake tells of some texts that refusing them would be a fault.
func mustTake(s string) bool {
	return s != "" && len(s) <= defaultMax && strings.Trim(s, " ") == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func FuzzAnswers(f *testing.F) {
	for _, text := range hostile {
		f.Add("app", text)
	}
	for _, text := range refused {
		f.Add("app", text)
	}
	for _, name := range []string{"", "con", "go", "My App", "../a", "a/b", `a"`, "a\n", "a--b", "🚀", "a\u200db", "\xff", strings.Repeat("a", 64)} {
		f.Add(name, "A web service")
	}
	all, err := Load(files(escaping))
	if err != nil {
		f.Fatal(err)
	}
	svc := all[0]
	f.Fuzz(func(t *testing.T, name, text string) {
		given := map[string]string{"name": name, "description": text}
		answers, err := svc.Resolve(given)
		if err != nil {
			checkRefusal(t, svc, given, err)
			return
		}
		tree, err := svc.Render(answers)
		if err != nil {
			t.Fatal(err)
		}
		if len(tree) != len(readers) {
			t.Fatalf("got %d files, want %d", len(tree), len(readers))
		}
		for p, read := range readers {
			got, err := read(tree[p].Data, name)
			if err != nil || got != text {
				t.Errorf("%s: got %q, %v; want %q", p, got, err, text)
			}
			if !utf8.Valid(tree[p].Data) {
				t.Errorf("%s: not UTF-8", p)
			}
		}
		record, err := readRecord(svc.Record(answers, Written{Files: tree}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{"name": name, "description": text}, record.Answers); diff != "" {
			t.Errorf("answers in the record (-want +got):\n%s", diff)
		}
	})
}

// checkRefusal checks that the error is one to show, and that its proposal holds.
func checkRefusal(t *testing.T, svc *Template, given map[string]string, err error) {
	t.Helper()
	var wrong *AnswerError
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v, want an AnswerError", err)
	}
	if strings.ContainsFunc(err.Error(), unprintable) || utf8.RuneCountInString(err.Error()) > 1000 {
		t.Errorf("got %q, want a short printable line", err)
	}
	if wrong.Name == "description" && mustTake(given["description"]) {
		t.Errorf("%v: printable ASCII is refused", err)
	}
	if wrong.Try == "" {
		return
	}
	given[wrong.Name] = wrong.Try
	var again *AnswerError
	if _, err := svc.Resolve(given); errors.As(err, &again) && again.Name == wrong.Name {
		t.Errorf("the proposal of %v is refused: %v", wrong, err)
	}
}
