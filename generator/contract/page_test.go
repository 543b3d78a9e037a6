package contract

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPage proves that the page of rules matches the table.
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
		t.Errorf("go test ./generator/contract -update rewrites it (-want +got):\n%s", diff)
	}
}

// page formats the rules for the documentation.
func page() string {
	var b strings.Builder
	b.WriteString("# The rules\n\n`dockerflow check` checks a repository, a running service, its output and an image against these rules. " +
		"The table in `rules.go` generates this page: `go test ./generator/contract -update`.\n\n" +
		"A failed *must* rule breaks the contract; a failed *should* rule is advice. The source of a rule is the 2016 specification, the " +
		"[current specification](https://github.com/mozilla-services/Dockerflow), or practice: experience with running services.\n")
	for _, part := range []struct{ letter, title string }{{"S", "In the repository and the image"}, {"L", "In a running service"}} {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | level | requirement | source | needs | fix |\n| --- | --- | --- | --- | --- | --- |\n", part.title)
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

// cell escapes s for a cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", "$", `\$`).Replace(s)
}
