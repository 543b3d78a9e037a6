package template

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

const bare = `
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, required: true}
  - {name: tidy, ask: Tidy, type: bool, default: 'true'}
-- common/files/.keep --
-- svc/template.yaml --
about: a service
extends: common
version: 1
-- svc/files/.keep --
`

// render renders bare with some files changed, for the name app.
func render(t *testing.T, changed map[string]string) (tree.Tree, error) {
	t.Helper()
	return loadSvc(t, with(templatetest.Files(bare), changed)).Render(Answers{"name": "app", "tidy": true})
}

// contents returns a tree as texts by path, with the mode if it is not 0644.
func contents(tree tree.Tree) map[string]string {
	got := map[string]string{}
	for p, f := range tree {
		if f.Mode != 0o644 {
			p += " " + f.Mode.String()
		}
		got[p] = string(f.Data)
	}
	return got
}

func TestRender(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		changed map[string]string
		want    map[string]string // in addition to .keep
	}{
		{
			"the path under files is the output path",
			map[string]string{"svc/files/a/b/.c": "x\n", "common/files/src/d": "y\n"},
			map[string]string{"a/b/.c": "x\n", "src/d": "y\n"},
		},
		{
			"a .tmpl is rendered and loses its ending",
			map[string]string{"svc/files/go.mod.tmpl": "module <% .name %>\n"},
			map[string]string{"go.mod": "module app\n"},
		},
		{
			"only the last ending is one",
			map[string]string{"svc/files/a.tmpl.tmpl": "<% .name %>", "svc/files/b.tmpl.txt": "<% .name %>"},
			map[string]string{"a.tmpl": "app", "b.tmpl.txt": "<% .name %>"},
		},
		{
			"what is no .tmpl is copied byte for byte, blank or not",
			map[string]string{"svc/files/x": "\xff\x00<% .name %>\r\n\r\n {{ }} ", "common/files/blank": " \n"},
			map[string]string{"x": "\xff\x00<% .name %>\r\n\r\n {{ }} ", "blank": " \n"},
		},
		{
			"other delimiters are text",
			map[string]string{"svc/files/x.tmpl": "{{ .a }} ${{ b }} << c >> [[ d ]] <%/* e */%><% .name %>"},
			map[string]string{"x": "{{ .a }} ${{ b }} << c >> [[ d ]] app"},
		},
		{
			"a .tmpl that renders blank is not written",
			map[string]string{"svc/files/x.tmpl": "<% if not .tidy %>x<% end %>\n\t \n", "svc/files/y.tmpl": ""},
			map[string]string{},
		},
		{
			"what starts with #! is executable, rendered or copied",
			map[string]string{"svc/files/run": "#!/bin/sh\n", "common/files/test.tmpl": "#!/bin/<% .name %>\n", "svc/files/no": " #!/bin/sh\n"},
			map[string]string{"run -rwxr-xr-x": "#!/bin/sh\n", "test -rwxr-xr-x": "#!/bin/app\n", "no": " #!/bin/sh\n"},
		},
		{
			"a part is included by its path, with or without its ending",
			map[string]string{"common/parts/a/b.tmpl": "<% .name %>!", "svc/parts/c": "<% . %>?", "svc/files/x.tmpl": `<% template "a/b" . %><% template "c" .name %>`},
			map[string]string{"x": "app!app?"},
		},
		{
			"a language's part takes the place of a common one, in common files too",
			map[string]string{"common/parts/p": "common", "svc/parts/p.tmpl": "own", "common/files/x.tmpl": `<% template "p" %>`},
			map[string]string{"x": "own"},
		},
		{
			"so does a blank part",
			map[string]string{"common/parts/p": "common", "svc/parts/p": "<%- /* none */ -%>\n", "common/files/x.tmpl": `a<% template "p" %>b`},
			map[string]string{"x": "ab"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tree, err := render(t, tt.changed)
			if err != nil {
				t.Fatal(err)
			}
			want := maps.Clone(tt.want)
			want[".keep"] = ""
			if diff := cmp.Diff(want, contents(tree)); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
		})
	}
}

// A template's file overrides a file of its base with the same output path, whichever of the two is a .tmpl.
func TestRenderOverrides(t *testing.T) {
	t.Parallel()
	for _, common := range []string{"x", "x.tmpl"} {
		for _, own := range []string{"x", "x.tmpl"} {
			for _, data := range []string{"own\n", "\n"} {
				tree, err := render(t, map[string]string{"common/files/" + common: "common\n", "svc/files/" + own: data})
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]string{".keep": "", "x": data}
				if data == "\n" && own == "x.tmpl" {
					delete(want, "x") // the template removes a file of its base
				}
				if diff := cmp.Diff(want, contents(tree)); diff != "" {
					t.Errorf("%s, %q, over %s (-want +got):\n%s", own, data, common, diff)
				}
			}
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		changed map[string]string
		want    string // a part of the error
	}{
		{"an answer that is not there", map[string]string{"svc/files/a/x.tmpl": "\n<% .nmae %>"}, `template svc: template: files/a/x.tmpl:2:3: executing "files/a/x.tmpl" at <.nmae>: map has no entry for key "nmae"`},
		{"an answer that is not there, as a condition", map[string]string{"svc/files/x.tmpl": "<% if .nmae %>x<% end %>"}, "no entry for key"},
		{"an answer that is not there, in a part", map[string]string{"common/parts/p": "<% .nmae %>", "svc/files/x.tmpl": `<% template "p" . %>`}, "template: p:1:3:"},
		{"a part that is not there", map[string]string{"svc/files/x.tmpl": `<% template "p" . %>`}, `template "p" not defined`},
		{"a file with and without its ending", map[string]string{"svc/files/a/x": "", "svc/files/a/x.tmpl": "b"}, "template svc: a/x exists both with and without .tmpl"},
		{"a part with and without its ending", map[string]string{"svc/parts/p": "", "svc/parts/p.tmpl": "b"}, "template svc: p exists both with and without .tmpl"},
		{"a function that fails", map[string]string{"svc/files/x.tmpl": "<% first 1 %>"}, "template svc: template: files/x.tmpl:1:3"},
		{"a path that some system cannot hold", map[string]string{"svc/files/nul.txt": "x"}, `path "nul.txt": nul.txt is a device on Windows`},
		{"a path that differs only in case from a common one", map[string]string{"svc/files/readme": "x", "common/files/README": "y"}, `path "readme": differs from "README" only in case`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tree, err := render(t, tt.changed); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want %q in the error", contents(tree), err, tt.want)
			}
		})
	}
}

func TestRenderIsDeterministic(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, with(templatetest.Files(bare), map[string]string{
		"common/files/a.tmpl": `<% define "d" %>1<% end %><% template "d" %>`,
		"svc/files/b.tmpl":    `<% define "e" %>2<% end %><% template "e" %>`,
		"svc/files/c.tmpl":    `<% range $k, $v := . %><% $k %>=<% $v %> <% end %>`,
	}))
	want, err := svc.Render(Answers{"name": "app", "tidy": false})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(want["c"].Data); got != "name=app tidy=false " {
		t.Errorf("got %q, want the answers in order", got)
	}
	for range 20 {
		got, err := svc.Render(Answers{"tidy": false, "name": "app"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("another run (-first +this):\n%s", diff)
		}
	}
}
