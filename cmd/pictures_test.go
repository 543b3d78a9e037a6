//go:build pictures && unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hinshun/vt10x"
)

// TestPictures compares the README's pictures with what the program, with its built-in templates, shows on a terminal.
// To take them again:
//
//	go test -tags pictures -run TestPictures ./cmd -update
func TestPictures(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]struct {
		title  string
		script string // for bash; "show COMMAND..." prints a prompt with the command and runs it
	}{
		"form": {"dockerflow new on a terminal", "dockerflow new"},
		"tree": {"what dockerflow new writes", "show dockerflow new hello --template go --yes"},
		"check": {"the report of dockerflow check", `dockerflow new hello --template go --yes >/dev/null
cd hello
sed -i 's/^USER app$/USER root/' Dockerfile
sed -i '/^COPY --link version.json/d' Dockerfile
show dockerflow check`},
		"update": {"a conflict of dockerflow update", conflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := 60
			if name == "form" {
				rows = 20 // the form uses all rows of the terminal
			}
			tm := setup{program: lookPath(t, "bash"), columns: 80, rows: rows, env: identity}.start(t, "-euc", shell+p.script)
			var picture string
			if name == "form" {
				picture = fillInForm(tm, p.title)
			} else {
				tm.exits(0)
				tm.output() // wait until the screen is complete
				picture = draw(tm.screen, p.title)
			}
			isPicture(t, name, picture)
		})
	}
}

var identity = []string{"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com"}

const shell = `dockerflow() { dockerflow-real "$@"; }
show() { printf '\033[1m$ %s\033[0m\n' "$*"; "$@" || true; }
`

// conflict prepares a team's template and a project that change the same line.
const conflict = `mkdir -p acme/files
printf 'about: our services\nversion: 1\nextends: go\n' >acme/template.yaml
printf 'root = true\n\n[*]\nmax_line_length = 100\n' >acme/files/.editorconfig
dockerflow new hello --template ./acme --yes >/dev/null
sed -i 's/version: 1/version: 2/' acme/template.yaml
sed -i 's/100/120/' acme/files/.editorconfig
cd hello
sed -i 's/100/80/' .editorconfig
git commit --quiet --all --message='shorter lines'
show dockerflow update
show cat .editorconfig`

// fillInForm answers some questions and draws the next one with its blinking cursor.
func fillInForm(tm *terminal, title string) (picture string) {
	tm.t.Helper()
	tm.asks("Template", "\r")
	tm.asks("Service name", "greeter\r")
	tm.asks("Description", "Says hello, in any language")
	tm.sees("> Says hello, in any language")
	tm.until("the cursor", func() bool {
		shown := cursorShown(tm.screen)
		picture = draw(tm.screen, title)
		return shown && cursorShown(tm.screen)
	})
	tm.types("\x03")
	tm.exits(130)
	return picture
}

func cursorShown(screen vt10x.Terminal) bool {
	columns, rows := screen.Size()
	for y := range rows {
		for x := range columns {
			if screen.Cell(x, y).BG == vt10x.DefaultFG {
				return true
			}
		}
	}
	return false
}

func isPicture(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("..", ".ci", "pictures", name+".svg")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: go test -tags pictures -run TestPictures ./cmd -update takes it again (-want +got):\n%s", file, diff)
	}
}
