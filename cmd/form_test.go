package cmd

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/tree"
	"dockerflow/templates"
)

// goDefaults are the answers of a form in which only Enter is pressed.
const goDefaults = `template: go
version: 3
answers:
  name: "hello"
  description: "A web service"
  owner: "example"
  image: "example/hello"
  ci: "circleci"
  module: "github.com/example/hello"
  port: 8000
`

func TestFormDefaults(t *testing.T) {
	t.Parallel()
	s := newRig("")
	s.fillIn(t, 0, "new", func(ty *typist) {
		ty.sees("Service", "┃ Template", "> go    a service in Go", "  node  a service in Node", "> hello", "> A web service")
		ty.press("enter", "enter", "enter")
		ty.sees("Repository", "┃ Owner", "> example", "> example/hello", "> circleci  a circle.yml")
		ty.press("enter", "enter", "enter")
		ty.sees("┃ Module path", "> github.com/example/hello", "> 8000")
		ty.press("enter", "enter")
		ty.sees("Write the service?", "6 files in hello: .dockerflow.yaml, README.md, bin/run, circle.yml, go.mod, main.go", "> Write them")
		ty.press("enter")
	})
	s.recorded(t, "hello", goDefaults)
	want := `hello: 6 files written
  .dockerflow.yaml
  README.md
  bin/run
  circle.yml
  go.mod
  main.go

Next:
  cd hello
  go run .

To repeat this without questions:
  dockerflow new hello --template go --name hello --yes
`
	if diff := cmp.Diff(want, s.out.String()); diff != "" {
		t.Error(diff)
	}
}

// recorded checks that the record in dir has these answers.
func (s *rig) recorded(t *testing.T, dir, want string) {
	t.Helper()
	_, record, _ := strings.Cut(s.files(t, dir)[tree.RecordFile], "\n")
	got, _, _ := strings.Cut(record, "files:\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recorded in %s (-want +got):\n%s", dir, diff)
	}
}

func TestFormAnswers(t *testing.T) {
	t.Parallel()
	s := newRig("")
	s.fillIn(t, 0, "new my/dir --no-git", func(ty *typist) {
		ty.press("down")
		ty.sees("> node")
		ty.press("enter", "my-api", "enter", "It's \"good\"", "enter")
		ty.press("Acme", "enter", "acme/other", "enter", "down", "enter")
		ty.sees("┃ Package name", "> true")
		ty.press("@acme/api", "enter", "down", "enter")
		ty.sees("5 files in my/dir")
		ty.press("enter")
	})
	s.recorded(t, "my/dir", `template: node
version: 1
answers:
  name: "my-api"
  description: "It's \"good\""
  owner: "Acme"
  image: "acme/other"
  ci: "github"
  scope: "@acme/api"
  strict: false
`)
	want := `dockerflow new my/dir --template node --name my-api --description 'It'\''s "good"' --owner Acme --image acme/other` +
		` --ci github --scope @acme/api --strict=false --no-git --yes`
	if !strings.Contains(s.out.String(), want) {
		t.Errorf("the command line is not\n%s\nin\n%s", want, s.out.String())
	}
}

// The shown defaults follow earlier answers at once.
func TestFormDefaultsFollow(t *testing.T) {
	t.Parallel()
	s := newRig("")
	s.fillIn(t, 0, "new", func(ty *typist) {
		ty.press("enter", "api", "enter", "enter")
		ty.sees("> example/api")
		ty.press("A")
		ty.sees("> a/api")
		ty.press("cme")
		ty.sees("> acme/api")
		ty.press("enter", "enter", "enter")
		ty.sees("> github.com/Acme/api")
		ty.seesNot("✗")
		ty.press("enter") // the default of the module does not take capitals
		ty.sees("┃ Module path", "✗ want what other code imports it as")
		ty.press("example.org/api")
		ty.seesNot("✗")
		ty.press("enter", "enter")
		ty.sees("Write the service?")
		// After going back to rename the service, defaults follow and typed answers stay.
		for range 7 {
			ty.press("shift+tab")
		}
		ty.sees("┃ Service name")
		ty.press("clear", "web", "enter", "enter")
		ty.sees("> acme/web")
		ty.press("enter", "enter", "enter", "enter", "enter")
		ty.sees("6 files in web:")
		ty.press("enter")
	})
	s.recorded(t, "web", strings.NewReplacer(`"hello"`, `"web"`, `"example"`, `"Acme"`, `"example/hello"`, `"acme/web"`,
		"github.com/example/hello", "example.org/api").Replace(goDefaults))
}

// An error appears while the user types, and disappears once it is fixed.
func TestFormErrors(t *testing.T) {
	t.Parallel()
	s := newRig("")
	s.fillIn(t, 130, "new", func(ty *typist) {
		ty.press("enter")
		ty.sees("lower-case letters, digits and hyphens")
		ty.press("M")
		ty.sees("✗ want lower-case letters, digits and hyphens, such as m")
		ty.press("y App", "enter")
		ty.sees("┃ Service name", "such as my-app")
		ty.press("clear")
		ty.seesNot("✗")
		ty.press("nul")
		ty.sees(`✗ want another one: "nul" is a device name on Windows, such as nul-service`)
		ty.press("backspace")
		ty.seesNot("✗")
		ty.press("clear", strings.Repeat("a", 31))
		ty.sees("✗ want at most 30 characters")
		ty.press("backspace", "enter")
		ty.sees("┃ Description")
		ty.press("enter", "enter", "enter", "enter", "enter")
		ty.sees("┃ Port")
		ty.press("http")
		ty.sees("✗ want a whole number")
		ty.press("enter")
		ty.sees("┃ Port")
		ty.press("ctrl+c")
	})
}

func TestFormTemplateDecides(t *testing.T) {
	t.Parallel()
	// A word that only one template reserves.
	s := newRig("")
	s.fillIn(t, 130, "new", func(ty *typist) {
		ty.press("enter", "test")
		ty.sees("is a folder of Go's")
		ty.press("shift+tab")
		ty.sees("┃ Service name") // an invalid field cannot be left
		ty.press("clear", "shift+tab", "down", "enter", "test")
		ty.seesNot("✗")
		ty.press("enter", "enter", "enter", "enter", "enter")
		ty.sees("Node", "┃ Package name", "> @example/test")
		ty.seesNot("Module path")
		ty.press("esc")
	})
	// After choosing another template, its pages are shown, and only its answers count.
	s = newRig("")
	s.fillIn(t, 0, "new", func(ty *typist) {
		ty.press("enter", "enter", "enter", "enter", "enter", "enter")
		ty.sees("┃ Module path")
		ty.press("example.org/gone")
		for range 6 {
			ty.press("shift+tab")
		}
		ty.sees("┃ Template")
		ty.press("down", "enter", "enter", "enter", "enter", "enter", "enter")
		ty.sees("┃ Package name")
		ty.press("enter", "enter", "enter")
	})
	if got := s.files(t, "hello")["package.json"]; got != "{\"name\": \"@example/hello\", \"strict\": true}\n" {
		t.Errorf("package.json: %s", got)
	}
}

// Answers from flags and the answers file are not asked.
func TestFormAsksTheRest(t *testing.T) {
	t.Parallel()
	s := newRig("")
	if err := writeFile(s.FS, "a.yaml", "owner: acme\nci: none\n"); err != nil {
		t.Fatal(err)
	}
	s.fillIn(t, 0, "new --template go --name api --answers a.yaml", func(ty *typist) {
		ty.sees("┃ Description")
		ty.seesNot("Template", "Service name")
		ty.press("enter")
		ty.sees("┃ Image", "> acme/api")
		ty.seesNot("Owner", "Continuous integration")
		ty.press("enter")
		ty.sees("┃ Module path", "> github.com/acme/api", "Port")
		ty.press("enter", "enter", "enter")
	})
	s.recorded(t, "api", strings.NewReplacer("hello", "api", "example", "acme", "circleci", "none").Replace(goDefaults))

	// If everything is answered, there is no form.
	s.form = func(context.Context, prompt.Pages) error {
		t.Error("a form was shown")
		return prompt.ErrInterrupted
	}
	s.run(t, 0, "new --template node --name all --description d --owner o --image o/all --ci none --scope s --strict")
	if strings.Contains(s.out.String(), "without questions") {
		t.Errorf("a run without questions repeats its command:\n%s", s.out.String())
	}

	// An invalid flag is reported before the first question, and so is one that no template has.
	s.run(t, 2, "new --template go --name nul")
	s.run(t, 2, "new --template rust")
	s.run(t, 2, "new --ci jenkins")
}

func TestFormReview(t *testing.T) {
	t.Parallel()
	given := "--template go --name hello --description d --owner o --image o/hello --ci none --module m"
	toReview := func(decide func(*typist)) func(*typist) {
		return func(ty *typist) {
			ty.sees("┃ Port")
			ty.press("enter")
			ty.sees("Write the service?")
			decide(ty)
			ty.press("enter")
		}
	}
	clash := func(t *testing.T) *rig {
		t.Helper()
		s := newRig("")
		for name, data := range map[string]string{"hello/README.md": "mine\n", "hello/main.go": "package mine\n"} {
			if err := writeFile(s.FS, name, data); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	inTheWay := func(ty *typist) {
		ty.sees("Conflicts: README.md has different content, main.go has different content",
			"> Write the other files, and keep these", "Write all files, and replace these", "Stop")
	}

	t.Run("stop", func(t *testing.T) {
		t.Parallel()
		s := newRig("")
		s.fillIn(t, 130, "new "+given, toReview(func(ty *typist) { ty.press("down"); ty.sees("> Stop") }))
		s.empty(t)
	})
	t.Run("skip", func(t *testing.T) {
		t.Parallel()
		s := clash(t)
		s.fillIn(t, 0, "new "+given, toReview(inTheWay))
		got := s.files(t, "hello")
		if got["README.md"] != "mine\n" || got["go.mod"] == "" {
			t.Errorf("%q", got)
		}
		if !strings.Contains(s.out.String(), "--on-conflict skip --yes") {
			t.Errorf("the command line lacks the decision:\n%s", s.out.String())
		}
	})
	t.Run("overwrite", func(t *testing.T) {
		t.Parallel()
		s := clash(t)
		s.fillIn(t, 0, "new "+given, toReview(func(ty *typist) { inTheWay(ty); ty.press("down"); ty.sees("> Write all") }))
		if got := s.files(t, "hello")["README.md"]; !strings.HasPrefix(got, "# hello\n") {
			t.Errorf("README.md: %s", got)
		}
	})
	t.Run("stop at a conflict", func(t *testing.T) {
		t.Parallel()
		s := clash(t)
		s.fillIn(t, 130, "new "+given, toReview(func(ty *typist) { inTheWay(ty); ty.press("down", "down") }))
		if got := len(s.files(t, "hello")); got != 2 {
			t.Errorf("%d files", got)
		}
	})
	t.Run("decided before", func(t *testing.T) {
		t.Parallel()
		s := clash(t)
		s.fillIn(t, 0, "new --on-conflict overwrite "+given, toReview(func(ty *typist) {
			ty.sees("5 files in hello", "> Write them")
			ty.seesNot("Conflicts")
		}))
	})
	t.Run("only the decision is missing", func(t *testing.T) {
		t.Parallel()
		s := clash(t)
		s.fillIn(t, 0, "new --port 1 "+given, func(ty *typist) { inTheWay(ty); ty.press("enter") })
		if got := s.files(t, "hello")["main.go"]; got != "package mine\n" {
			t.Errorf("main.go: %s", got)
		}
	})
	t.Run("only the record conflicts", func(t *testing.T) {
		t.Parallel()
		s := newRig("")
		s.run(t, 0, "new --port 1 "+given)
		if err := writeFile(s.FS, "hello/.dockerflow.yaml", "mine\n"); err != nil {
			t.Fatal(err)
		}
		s.fillIn(t, 0, "new --port 1 "+given, func(ty *typist) {
			ty.sees("Conflicts: .dockerflow.yaml has different content")
			ty.press("down", "enter")
		})
	})
	t.Run("all files exist", func(t *testing.T) {
		t.Parallel()
		s := newRig("")
		s.run(t, 0, "new --port 8000 "+given)
		s.fillIn(t, 0, "new "+given, toReview(func(ty *typist) { ty.sees("All files are already in hello") }))
	})
	t.Run("dry run", func(t *testing.T) {
		t.Parallel()
		s := newRig("")
		s.fillIn(t, 0, "new --dry-run "+given, toReview(func(ty *typist) { ty.sees("> Show what would be written") }))
		s.empty(t)
		if !strings.Contains(s.out.String(), "create     main.go") {
			t.Errorf("no plan:\n%s", s.out.String())
		}
	})
	t.Run("a folder that cannot be used", func(t *testing.T) {
		t.Parallel()
		s := newRig("")
		if err := writeFile(s.FS, "file", "mine\n"); err != nil {
			t.Fatal(err)
		}
		s.fillIn(t, 2, "new file "+given, toReview(func(ty *typist) {
			ty.sees("✗ file is not a folder", "> Stop")
			ty.seesNot("Write them")
		}))
	})
	t.Run("an answer that another template asks for", func(t *testing.T) {
		t.Parallel()
		s := newRig("")
		s.fillIn(t, 2, "new --scope x", func(ty *typist) {
			for range 8 {
				ty.press("enter")
			}
			ty.sees("✗ template go does not ask for scope", "> Stop")
			ty.press("enter")
		})
		s.empty(t)
	})
}

// empty checks that nothing was written.
func (s *rig) empty(t *testing.T) {
	t.Helper()
	if got := s.files(t, "."); len(got) > 0 {
		t.Errorf("written: %q", got)
	}
}

func TestFormLeaving(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"esc", "ctrl+c"} {
		for page := range 9 { // in every field
			s := newRig("")
			s.fillIn(t, 130, "new", func(ty *typist) {
				for range page {
					ty.press("enter")
				}
				ty.press(key)
			})
			s.empty(t)
			if got := s.err.String(); got != "dockerflow: error: interrupted: nothing was written\n" {
				t.Errorf("%s after %d fields: %s", key, page, got)
			}
		}
	}
}

func TestFormPaste(t *testing.T) {
	t.Parallel()
	s := newRig("")
	s.fillIn(t, 130, "new --template go --name api", func(ty *typist) {
		for _, text := range []string{
			strings.Repeat("long ", 20000),
			strings.Repeat("🐳", 5000),
			"\x1b[31mred\x1b]0;title\x07",
			"two\nlines\r\nand\ttabs\x00\x7f",
			"\u202eevil\u2066",
			"%s <% .name %> {{ . }} ${x} `y`",
		} {
			ty.press("clear")
			ty.paste(text)
			ty.fits()
			ty.sees("┃ Description")
			if strings.ContainsAny(ansi.Strip(ty.form.View()), "\x00\x07\x1b\r\t\x7f") {
				t.Errorf("%.20q puts a control character on the screen:\n%q", text, ty.view())
			}
		}
		ty.press("clear")
		ty.paste(strings.Repeat("x", 100_000))
		ty.sees("✗ want at most 80 characters")
		ty.press("enter")
		ty.sees("┃ Description")
		ty.press("clear")
		ty.seesNot("✗")
		ty.press("esc")
	})
	s.empty(t)
}

// fits checks that the view is no larger than the terminal and shows the focused field's answer. It ignores the help in
// the last line, which the terminal cuts.
func (ty *typist) fits() {
	ty.t.Helper()
	view := ty.view()
	lines := strings.Split(view, "\n")
	if len(lines) > ty.height {
		ty.t.Errorf("%d lines on a terminal of %d:\n%s", len(lines), ty.height, view)
	}
	answer := false
	for _, l := range lines[:len(lines)-1] {
		if w := ansi.StringWidth(l); w > ty.width {
			ty.t.Errorf("%d columns on a terminal of %d:\n%s", w, ty.width, view)
		}
		answer = answer || strings.HasPrefix(l, "┃ > ")
	}
	if !answer {
		ty.t.Errorf("the focused answer is not on the screen:\n%s", view)
	}
}

// The built-in templates have the longest hints, choices and lists of files.
func TestFormSizes(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{200, 60}, {80, 24}, {40, 10}, {30, 8}} {
		for _, template := range []string{"", "--template go", "--template node", "--template python"} {
			t.Run(fmt.Sprintf("%dx%d %s", size[0], size[1], template), func(t *testing.T) {
				t.Parallel()
				s := newRig("")
				s.Templates = templates.FS
				if template == "" { // cover three choices on the last page; other templates cover a long list of files
					if err := writeFile(s.FS, "hello/README.md", "mine\n"); err != nil {
						t.Fatal(err)
					}
				}
				reviewed := false
				s.fillInAt(t, size[0], size[1], 0, "new "+template, func(ty *typist) {
					for field := 0; field < 20 && ty.form.State == huh.StateNormal; field++ {
						ty.fits()
						switch fmt.Sprintf("%T", ty.form.GetFocusedField()) {
						case "*prompt.choice":
							for range 4 {
								ty.press("down")
								ty.fits()
							}
						case "*prompt.review":
							reviewed = true
						case "*prompt.input": // also show an error
							ty.press("X!") // which most fields refuse
							ty.fits()
							ty.paste(strings.Repeat("!\"", 200))
							ty.sees("✗ ")
							ty.fits()
							ty.press("clear")
						}
						ty.press("enter")
					}
				})
				if !reviewed {
					t.Errorf("the last page was not reached:\n%s", s.out.String())
				}
			})
		}
	}
}
