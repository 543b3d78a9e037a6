package cmd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd/prompt"
)

// The same answers give the same bytes, whatever their source.
func TestSameTree(t *testing.T) {
	t.Parallel()
	fill := func(ty *typist) {
		ty.press("down", "enter", "api", "enter", "1.10", "enter")
		ty.press("Acme", "enter", "acme/other", "enter", "down", "enter")
		ty.press("enter", "down", "enter", "enter")
	}
	ways := map[string]struct {
		line, in, answers string
		prompts           prompt.Kind
		fill              func(*typist)
	}{
		"flags": {line: "new out --template node --name api --description 1.10 --owner Acme --image acme/other --ci github" +
			" --scope @acme/api --strict=false"},
		"flags and defaults": {line: "new out --yes --ci github --strict=false --owner Acme --image acme/other" +
			" --description 1.10 --name api -t node"},
		"YAML": {
			line: "new out --answers -",
			in: "template: node\nname: api\ndescription: '1.10'\nowner: Acme\nimage: acme/other\nci: github\n" +
				"scope: '@acme/api'\nstrict: false\n",
		},
		"JSON": {
			line: "new out --answers answers --yes --template node",
			answers: `{"strict": false, "ci": "github", "description": "1.10", "image": "acme/other", "owner": "Acme",` +
				` "name": "api"}`,
		},
		"form":  {line: "new out", prompts: prompt.Form, fill: fill},
		"lines": {line: "new out", prompts: prompt.Lines, in: "2\napi\n1.10\nAcme\nacme/other\n2\n\nfalse\n\n"},
		"some of each": {
			line:    "new out --ci github --answers answers --name api",
			answers: "description: '1.10'\nci: none\nname: wrong\n",
			prompts: prompt.Form,
			fill: func(ty *typist) {
				ty.press("down", "enter", "Acme", "enter", "acme/other", "enter", "enter", "down", "enter", "enter")
			},
		},
		"the command that a form repeats": {line: repeated(t, "new out", fill)},
	}
	var want map[string]string
	for name, way := range ways {
		for range 2 {
			s := newRig(way.in)
			if err := writeFile(s.FS, "answers", way.answers); err != nil {
				t.Fatal(err)
			}
			s.Prompts = way.prompts
			if way.fill != nil {
				s.fillIn(t, 0, way.line, way.fill)
			} else {
				s.run(t, 0, way.line)
			}
			got := s.files(t, "out")
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s gives another tree:\n%s", name, diff)
			}
		}
	}
	if len(want) != 5 || want["package.json"] != "{\"name\": \"@acme/api\", \"strict\": false}\n" {
		t.Errorf("all gave %q", want)
	}
}

// repeated returns the command line that a form prints for the next run.
func repeated(t *testing.T, line string, fill func(*typist)) string {
	t.Helper()
	s := newRig("")
	s.fillIn(t, 0, line, fill)
	_, again, _ := strings.Cut(s.out.String(), "without questions:\n  dockerflow ")
	return again
}
