package contract

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPage keeps the rules' page in step with the table.
func TestPage(t *testing.T) {
	t.Parallel()
	const file = "README.md"
	want := page()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("go test ./generator/contract -update writes it anew (-want +got):\n%s", diff)
	}
}

// page is the rules for readers of the documentation.
func page() string {
	var b strings.Builder
	b.WriteString("# The rules\n\nWhat `dockerflow check` holds a repository, a running service, its output and an image against. " +
		"This page is made from the table in `rules.go`: `go test ./generator/contract -update`.\n\n" +
		"A *must* that fails is a broken contract, a *should* is advice. Who asks for a rule stands beside it: the specification " +
		"of 2016 or [of today](https://github.com/mozilla-services/Dockerflow), or practice, which is what running services taught.\n")
	for _, part := range []struct{ letter, title string }{{"S", "In the repository and the image"}, {"L", "In a running service"}} {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | level | it says | who asks | seen in | what to do |\n| --- | --- | --- | --- | --- | --- |\n", part.title)
		for _, r := range Rules {
			if strings.HasPrefix(r.ID, part.letter) {
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, r.Level, cell(r.Says), asksFor(r), cell(r.Needs), cell(r.Fix))
			}
		}
	}
	return b.String()
}

func asksFor(r Rule) string {
	if r.URL == "" {
		return cell(r.Source)
	}
	return "[" + cell(r.Source) + "](" + r.URL + ")"
}

// cell is a text in a Markdown table: nothing in it is markup.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", "$", `\$`).Replace(s)
}
