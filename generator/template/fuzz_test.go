package template

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"dockerflow/generator/template/templatetest"
)

// mustTake reports texts that must not be refused.
func mustTake(s string) bool {
	return s != "" && len(s) <= defaultMax && strings.Trim(s, " ") == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func FuzzAnswers(f *testing.F) {
	for _, text := range templatetest.Hostile {
		f.Add("app", text)
	}
	for _, text := range refused {
		f.Add("app", text)
	}
	for _, name := range []string{"", "con", "go", "My App", "../a", "a/b", `a"`, "a\n", "a--b", "🚀", "a\u200db", "\xff", strings.Repeat("a", 64)} {
		f.Add(name, "A web service")
	}
	all, err := Load(templatetest.Files(templatetest.Escaping), nil)
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
	})
}

// checkRefusal checks that the error can be shown, and that its suggestion is valid.
func checkRefusal(t *testing.T, svc *Template, given map[string]string, err error) {
	t.Helper()
	var wrong *AnswerError
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v, want an AnswerError", err)
	}
	if hides(err.Error()) || utf8.RuneCountInString(err.Error()) > 1000 {
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
		t.Errorf("the suggestion of %v is refused: %v", wrong, err)
	}
}

// FuzzRender renders any text: it must end soon, by itself or by a limit, and never panic.
func FuzzRender(f *testing.F) {
	for _, tt := range greedy {
		if len(tt.text) < 10_000 {
			f.Add(tt.text, "part")
		}
	}
	for name := range callable() {
		for _, odd := range oddities {
			f.Add("<% "+name+" "+odd+" %>", `<% `+odd+" | "+name+" . %>")
		}
	}
	f.Fuzz(func(t *testing.T, text, part string) {
		m := newMeter(limits{10_000, 100_000, 10_000, 20_000, 50_000, 5, 10 * time.Second})
		start := time.Now()
		err := renderBoth(m, text, part)
		if errors.Is(err, errPanic) {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v: %v", took, err)
		}
		if m.results > 2*m.limits.results || m.steps > 2*m.limits.steps+len(text)+len(part) {
			t.Errorf("continued with %d bytes and %d steps: %v", m.results, m.steps, err)
		}
		if err != nil && len(err.Error()) > 2*maxMessage {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	})
}

func renderBoth(m *meter, text, part string) error {
	set := newParsed("svc")
	if err := set.parse("part", "parts/part", part); err != nil {
		return err
	}
	if err := set.parse("files/x.tmpl", "files/x.tmpl", text); err != nil {
		return err
	}
	if err := set.checkIncludes(); err != nil {
		return err
	}
	_, err := source{rendered: "files/x.tmpl", path: "files/x.tmpl", last: &atomic.Pointer[content]{}}.content(Answers{"name": "app", "tidy": true, "port": 8000}, set.engine(m))
	return err
}

// FuzzManifest loads any bytes as a manifest.
func FuzzManifest(f *testing.F) {
	for _, m := range bombs() {
		if len(m.text) < 10_000 {
			f.Add([]byte(m.text))
		}
	}
	for _, text := range []string{bare, plain, templatetest.Escaping} {
		for _, file := range templatetest.Files(text) {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := templatetest.Files(bare)
		fsys["svc/template.yaml"].Data = data
		start := time.Now()
		all, err := Load(fsys, nil)
		if err == nil && len(all) > 0 { // without about, others can only extend it
			_ = all[0].Check()
			_, _ = all[0].Resolve(map[string]string{"name": "app"})
		}
		if err != nil && hides(strings.ReplaceAll(err.Error(), "\n", " ")) {
			t.Errorf("an error with terminal control characters: %q", err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v: %v", took, err)
		}
	})
}
