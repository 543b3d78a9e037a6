package project

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"dockerflow/generator/template"
	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

// recorded is a RecordFile as another YAML reader sees it.
type recorded struct {
	Template any            `yaml:"template"`
	Version  any            `yaml:"version"`
	Answers  map[string]any `yaml:"answers"`
	Files    map[string]any `yaml:"files"`
}

func readRecord(f tree.File) (r recorded, err error) {
	return r, yaml.Load(f.Data, &r, yaml.WithKnownFields())
}

// loadSample reads the template svc of a sample.
func loadSample(tb testing.TB, text string) *template.Template {
	tb.Helper()
	all, err := template.Load(templatetest.Files(text), nil)
	if err != nil {
		tb.Fatal(err)
	}
	for _, tmpl := range all {
		if tmpl.Name == "svc" {
			return tmpl
		}
	}
	tb.Fatalf("got %d templates, none of them svc", len(all))
	return nil
}

func TestRecord(t *testing.T) {
	t.Parallel()
	svc := loadSample(t, templatetest.Asking)
	answers := template.Answers{"name": "null", "owner": "1e3", "image": "2024-01-01", "module": `a: "b" # \c`, "port": 8000, "metrics": true, "ci": "none"}
	files := tree.Tree{"b": {Mode: 0o644, Data: []byte("hello\n")}, "a/c: d.txt": {Mode: 0o755, Data: nil}}

	got := NewRecord(svc, answers, Written{Files: files})
	want := tree.File{Mode: 0o644, Data: []byte(recordHead + `template: svc
version: 3
answers:
  name: "null"
  owner: "1e3"
  image: "2024-01-01"
  module: "a: \"b\" # \\c"
  port: 8000
  metrics: true
  ci: "none"
files:
  "a/c: d.txt": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
  "b": "ce013625030ba8dba906f756967f9e9ca394464a"
`)}
	if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" || got.Mode != want.Mode {
		t.Errorf("mode %v, content (-want +got):\n%s", got.Mode, diff)
	}
	for range 20 {
		if again := NewRecord(svc, answers, Written{Files: files}); !bytes.Equal(again.Data, got.Data) {
			t.Fatalf("another run (-first +this):\n%s", cmp.Diff(string(got.Data), string(again.Data)))
		}
	}
}

// A text is read back as a text, whatever it looks like, and adds nothing else.
func TestRecordIsReadBack(t *testing.T) {
	t.Parallel()
	svc := loadSample(t, templatetest.Escaping)
	for _, text := range templatetest.Hostile {
		answers := template.Answers{"name": "0", "description": text}
		got, err := readRecord(NewRecord(svc, answers, Written{Files: tree.Tree{"1": {}, "a b": {}}}))
		if err != nil {
			t.Fatal(err)
		}
		const empty = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
		want := recorded{"svc", 1, answers, map[string]any{"1": empty, "a b": empty}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestBlobID(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, data, want string }{
		{"nothing", "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
		{"a line", "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"},
		{"what git prints in its book", "what is up, doc?", "bd9dbf5aae1a3862dd1526723246b20206e5fc37"},
		{"CRLF and other bytes, as they are", "a\r\n\x00\xff", "51f2a600da00d9cbf72e8ef269dd946818c4707b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tree.BlobID([]byte(tt.data)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestBlobIDIsGits(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git not found: TestBlobID has its output")
	}
	for _, data := range []string{"", "a\r\n\x00\xff", strings.Repeat("x", 1<<17)} {
		cmd := exec.CommandContext(t.Context(), git, "hash-object", "--stdin", "--no-filters")
		cmd.Dir = t.TempDir()
		cmd.Stdin = strings.NewReader(data)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got, want := tree.BlobID([]byte(data)), strings.TrimSpace(string(out)); got != want {
			t.Errorf("%d bytes: got %s, git says %s", len(data), got, want)
		}
	}
}

// FuzzRecordIsReadBack tests the same for any valid answer.
func FuzzRecordIsReadBack(f *testing.F) {
	for _, text := range templatetest.Hostile {
		f.Add(text)
	}
	svc := loadSample(f, templatetest.Escaping)
	f.Fuzz(func(t *testing.T, text string) {
		answers, err := svc.Resolve(map[string]string{"name": "a", "description": text})
		if err != nil {
			t.Skip("no answer")
		}
		record, err := readRecord(NewRecord(svc, answers, Written{}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{"name": "a", "description": text}, record.Answers); diff != "" {
			t.Errorf("answers in the record (-want +got):\n%s", diff)
		}
	})
}

// The record of a team's template is read back as written.
func TestRecordOfATeamsTemplate(t *testing.T) {
	t.Parallel()
	tmpl := &template.Template{Name: "team", Version: 7, Extends: map[string]int{"svc": 3}}
	a := template.Answers{}
	origin := template.Origin{Source: "https://example.com/acme/templates//svc", Ref: "v1.2.0", Commit: strings.Repeat("ab", 20)}
	text := NewRecord(tmpl, a, Written{Origin: origin}).Data
	want := recordHead + `template: team
source: "https://example.com/acme/templates//svc"
ref: "v1.2.0"
commit: "` + origin.Commit + `"
version: 7
extends:
  svc: 3
answers:
`
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("got\n%s", text)
	}
	r, err := ReadRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	if r.Origin != origin || r.Version != 7 || r.Extends["svc"] != 3 {
		t.Errorf("got %+v", r)
	}
	if got := Renew(tmpl, r, append(text, "check:\n  strict: true\n"...), a, Written{Origin: template.Origin{Source: "./t"}}).Data; !strings.Contains(string(got), "source: \"./t\"\nversion") ||
		!strings.Contains(string(got), "check:\n") || strings.Contains(string(got), "commit") {
		t.Errorf("renewed:\n%s", got)
	}
	for _, bad := range []string{"source: [x]", "source: \"a\\e[2J\"", "ref: \"\"", "commit: 1\ncommit: 2", "extends: {svc: 0}", "extends: svc"} {
		if _, err := ReadRecord([]byte("template: a\nversion: 1\nanswers:\nfiles:\n" + bad + "\n")); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
