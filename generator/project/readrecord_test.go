package project

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template"
	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

const emptyID = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// recordOf returns a record with the given lines below files.
func recordOf(files string) string {
	return "template: svc\nversion: 1\nanswers:\n  name: \"x\"\nfiles:\n" + files
}

func TestReadRecordRefuses(t *testing.T) {
	t.Parallel()
	id := `"` + emptyID + `"`
	tests := []struct{ name, text, want string }{
		{"another tool's file", "services:\n  web: {}\n", `1:1: unknown key "services"`},
		{"a list", "- template\n", "1:1: a record: want key: value"},
		{"two documents", "template: a\n---\ntemplate: b\n", "2:1: want one document"},
		{"truncated in a line", recordOf(`  "a": "e69de`), "6:14: found unexpected end of stream"},
		{"truncated after the answers", "template: svc\nversion: 1\nanswers:\n  name: x\n", "1:1: no files"},
		{"no version", "template: svc\nanswers:\nfiles:\n", "1:1: no version"},
		{"a version that is not a number", strings.Replace(recordOf(""), "version: 1", "version: one", 1), "2:10: version: want a whole number from 1"},
		{"a version below 1", strings.Replace(recordOf(""), "version: 1", "version: -1", 1), "2:10: version: want"},
		{"a list as the template", strings.Replace(recordOf(""), "svc", "[svc]", 1), "1:11: template: want one value"},
		{"a mapping as an answer", strings.Replace(recordOf(""), `"x"`, "{a: b}", 1), `4:9: "name": want one value`},
		{"a duplicate key", recordOf("  a: " + id + "\n  a: " + id + "\n"), `7:3: files: duplicate key "a"`},
		{"git's conflict", "template: svc\n<<<<<<< HEAD\nversion: 1\n=======\nversion: 2\n>>>>>>> b\n", "2:1: there is a git merge conflict here: resolve it first"},
		{"aliases", "template: &a svc\nversion: 1\nanswers:\n  name: *a\nfiles:\n", `4:9: "name": want one value`},
		{"a long list", recordOf("") + "check: [" + strings.Repeat("a,", 4_000_000) + "a]\n", "1:1: want at most 200000 keys and values"},
		{"a second document of many keys", recordOf("") + "---\n" + strings.Repeat("a:\n", 2_000_000), "1:1: want at most 200000 keys and values"},
		{"an alias that contains itself", "&a [*a]\n", "1:1: want at most 50 levels"},
		{"a bomb", "check: &a [x,x]\n" + strings.Repeat("template: [*a,*a,*a]\n", 1), "2:11: template: want one value"},
		{"deep nesting", strings.Repeat("[", 20000), "1:10001: exceeded max depth"},
		{"a huge file", strings.Repeat("#", MaxRecord+1), "1:1: want at most"},
		{"invalid UTF-8", "template: svc\nversion: \xff\n", "2:1: want UTF-8 text"},
		{"a path to the parent", recordOf("  ../x: " + id + "\n"), `6:3: path "../x": want a relative`},
		{"an absolute path", recordOf("  /etc/passwd: " + id + "\n"), `6:3: path "/etc/passwd": want a relative`},
		{"a path in .git", recordOf("  .git/hooks/pre-commit: " + id + "\n"), `6:3: path ".git/hooks/pre-commit": want nothing inside .git`},
		{"a path in .git, in capitals", recordOf("  a/.GIT/config: " + id + "\n"), "want nothing inside .git"},
		{"a file that makes a repository", recordOf("  a/HEAD: " + id + "\n"), `6:3: path "a/HEAD": want no file HEAD`},
		{"a file that git acts on", recordOf("  .gitmodules: " + id + "\n"), `6:3: path ".gitmodules": want no file that changes`},
		{"a kept file that makes a repository", recordOf("kept:\n  a/HEAD: " + id + "\n"), "want no file HEAD"},
		{"a Windows path", recordOf(`  "C:\\x": ` + id + "\n"), "6:3: path"},
		{"a path with a line break", recordOf(`  "a\nb": ` + id + "\n"), "want no invisible character"},
		{"the record itself", recordOf("  .dockerflow.yaml: " + id + "\n"), "this name is reserved for dockerflow"},
		{"paths that differ in case", recordOf("  a: " + id + "\n  A: " + id + "\n"), "1:1: path \"a\": differs from \"A\" only in case"},
		{"a file below a file", recordOf("  a: " + id + "\n  a/b: " + id + "\n"), `"a" is a file`},
		{"a path in both files and kept", recordOf("  a: " + id + "\nkept:\n  a: " + id + "\n"), `"a" is in both files and kept`},
		{"an option as an id", recordOf("  a: --batch-check\n"), `6:6: "a": want a git blob id`},
		{"a name as an id", recordOf("  a: HEAD\n"), "want a git blob id"},
		{"a short id", recordOf("  a: e69de29\n"), "want a git blob id"},
		{"a long id", recordOf("  a: " + emptyID + emptyID + "\n"), "want a git blob id"},
		{"an id with a line break", recordOf("  a: \"" + emptyID + "\\n" + emptyID + "\"\n"), "want a git blob id"},
		{"an id in capitals", recordOf("  a: " + strings.ToUpper(emptyID) + "\n"), "want a git blob id"},
		{"a base with another text", recordOf("  a: "+id+"\n") + "bases:\n  a: \"" + new(packer).pack([]byte("evil")) + "\"\n", `bases: the text of "a" does not match`},
		{"a base without a file", recordOf("") + "bases:\n  ../a: \"" + new(packer).pack(nil) + "\"\n", `bases: the text of "../a" does not match`},
		{"a base that is too large when unpacked", recordOf("  a: "+id+"\n") + "bases:\n  a: \"" + new(packer).pack(make([]byte, maxBase+1)) + "\"\n", `bases: the text of "a" does not match`},
		{"an invalid adopted", strings.Replace(recordOf(""), "answers", "adopted: perhaps\nanswers", 1), "3:10: adopted: want true or false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := ReadRecord([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want %q", r, err, tt.want)
			}
		})
	}
	for _, text := range []string{"", "# mine\n\n", "check:\n  ignore: {}\n"} {
		if _, err := ReadRecord([]byte(text)); err != ErrNoRecord { //nolint:errorlint // it is not wrapped
			if text != "# mine\n\n" || err == nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

// A truncated record that can be read has no content that the whole record does not have.
func TestReadRecordThatIsCut(t *testing.T) {
	t.Parallel()
	svc := loadSample(t, templatetest.Asking)
	files := tree.Tree{"a": {Mode: 0o644, Data: []byte("a\n")}, "b/c": {Mode: 0o644, Data: nil}}
	whole := NewRecord(svc, template.Answers{"name": "x", "owner": "o", "image": "i", "module": "m", "port": 1, "metrics": true, "ci": "none"},
		Written{Files: files, Bases: tree.Tree{"a": files["a"]}})
	want, err := ReadRecord(whole.Data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole.Data {
		got, err := ReadRecord(whole.Data[:i])
		if err != nil {
			continue
		}
		for p, id := range got.Files {
			if want.Files[p] != id {
				t.Errorf("cut at %d: %s has %s", i, p, id)
			}
		}
		if got.Template != want.Template || got.Version != want.Version {
			t.Errorf("cut at %d: template %s %d", i, got.Template, got.Version)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(recordOf("  a: " + emptyID + "\n")))
	f.Add([]byte("check:\n  x: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRecord(data)
		if err != nil {
			return
		}
		for p, id := range r.Files {
			if tree.CheckPath(p) != nil || !isBlobID(id) {
				t.Errorf("%q: %q", p, id)
			}
		}
	})
}

// Renew keeps comments and foreign sections.
func TestRenewKeeps(t *testing.T) {
	t.Parallel()
	svc := loadSample(t, templatetest.Asking)
	answers := template.Answers{"name": "x", "owner": "o", "image": "i", "module": "m", "port": 1, "metrics": true, "ci": "none"}
	old := NewRecord(svc, answers, Written{Files: tree.Tree{"a": {Mode: 0o644, Data: []byte("a\n")}}})
	next := Written{Files: tree.Tree{"a": {Mode: 0o644, Data: []byte("b\n")}, "n": {}}, Kept: tree.Tree{"k": {}}, Bases: tree.Tree{"a": {Mode: 0o644, Data: []byte("b\n")}}}
	fresh := NewRecord(svc, answers, next)
	const check = "# Mine.\ncheck:\n    ignore:   # odd\n    -   S7\n"
	tests := []struct{ name, text, want string }{
		{"nothing foreign", string(old.Data), string(fresh.Data)},
		{"a section below", string(old.Data) + "\n" + check, string(fresh.Data) + "\n" + check},
		{"a section above", check + string(old.Data), check + string(fresh.Data)},
		{"a section in between", strings.Replace(string(old.Data), "answers:", check+"answers:", 1), check},
		{"a comment", strings.Replace(string(old.Data), "answers:", "# why\nanswers:", 1), "# why\n"},
		{"CRLF line endings", strings.ReplaceAll(string(old.Data)+check, "\n", "\r\n"), strings.ReplaceAll(check, "\n", "\r\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := ReadRecord([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			got := Renew(svc, r, []byte(tt.text), answers, next)
			if !strings.Contains(string(got.Data), tt.want) {
				t.Errorf("(-want +got)\n%s", cmp.Diff(tt.want, string(got.Data)))
			}
			if !readsAs(got.Data, fresh.Data) {
				t.Errorf("the content changed:\n%s", got.Data)
			}
			again, err := ReadRecord(got.Data)
			if err != nil {
				t.Fatal(err)
			}
			if twice := Renew(svc, again, got.Data, answers, next); !bytes.Equal(twice.Data, got.Data) {
				t.Errorf("twice (-once +twice)\n%s", cmp.Diff(string(got.Data), string(twice.Data)))
			}
		})
	}
	mine := []byte(check)
	if got := Renew(svc, nil, mine, answers, next); string(got.Data) != string(fresh.Data)+check {
		t.Errorf("a file without a record: %s", got.Data)
	}
}

func TestManifestRefusesMovedAndAdopt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, manifest, want string }{
		{"a path out of the project", "moved: {../a: b}", "path \"../a\""},
		{"a path into .git", "moved: {a: .git/b}", "want nothing inside .git"},
		{"a path that makes a repository", "moved: {a: b/HEAD}", "want no file HEAD"},
		{"a cycle", "moved: {a: b, b: a}", "moves back to its old path"},
		{"a move to itself", "moved: {a: a}", "moves back to its old path"},
		{"an empty group", "adopt: [[]]", "adopt: want paths in each group"},
		{"a group that leads out", "adopt: [[../a]]", "path \"../a\""},
		{"a sign that leads out", "signs: [/a]", "path \"/a\""},
		{"a guess for an unknown question", "guess: [{question: no, file: a, value: b}]", "no question \"no\""},
		{"a guess without a pattern or value", "guess: [{question: name, file: a}]", "want a pattern or a value"},
		{"a misspelt key", "guess: [{question: name, file: a, vale: b}]", "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fsys := templatetest.Files(templatetest.Escaping)
			fsys["svc/template.yaml"].Data = append(bytes.Clone(fsys["svc/template.yaml"].Data), "\n"+tt.manifest+"\n"...)
			_, err := template.Load(fsys, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	svc := &template.Template{Moved: map[string]string{"a": "b", "b": "c", "x": "y"}}
	tree := tree.Tree{"c": {}, "x": {}}
	for from, want := range map[string]string{"a": "c", "b": "c", "c": "c", "x": "x", "z": ""} {
		if got := svc.PlaceOf(tree, from); got != want {
			t.Errorf("%s: got %q, want %q", from, got, want)
		}
	}
}

func BenchmarkReadRecord2000(b *testing.B) {
	files := tree.Tree{}
	for i := range 2000 {
		files[fmt.Sprintf("d%03d/f%05d.txt", i/50, i)] = tree.File{Mode: 0o644, Data: []byte(fmt.Sprint(i))}
	}
	svc := &template.Template{Name: "svc", Version: 1}
	record := NewRecord(svc, template.Answers{}, Written{Files: files})
	for b.Loop() {
		if _, err := ReadRecord(record.Data); err != nil {
			b.Fatal(err)
		}
	}
}
