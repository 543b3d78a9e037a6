package golden

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"dockerflow/cmd"
	"dockerflow/cmd/output"
	"dockerflow/generator/cases"
	"dockerflow/generator/tree"
	"dockerflow/templates"
)

// elsewhere are the commands of the README that .ci/run runs.
var elsewhere = []string{
	"go test ./...",
	"go install ./cmd/dockerflow",
	"dockerflow completion bash > dockerflow.bash",
}

// TestReadme runs every command of the README, in order.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	memory := tree.NewMemory() // shared: later commands read what new writes
	for _, line := range shellLines(string(readme)) {
		input, command, piped := strings.Cut(line, " | ")
		if !piped {
			input, command = "", line
		}
		args, ours := strings.CutPrefix(command, "go run ./cmd/dockerflow ")
		if !ours {
			if !slices.Contains(elsewhere, line) {
				t.Errorf("nothing runs %q", line)
			}
			continue
		}
		ran++
		args, _, _ = strings.Cut(args, " #")
		input = strings.Trim(strings.TrimPrefix(input, "echo "), "'")
		want := 0
		if args == "new" {
			want = 2 // it asks a question, and there is no terminal here
		}
		var said bytes.Buffer
		env := cmd.Env{In: strings.NewReader(input), Out: output.New(&said, nil), Err: output.New(&said, nil), FS: memory, Templates: templates.FS, Config: "config.yaml"}
		words, err := cases.Words(args)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if got := cmd.Run(t.Context(), words, env); got != want {
			t.Errorf("%s: exit %d: %s", line, got, said.String())
		}
	}
	if ran < 4 {
		t.Errorf("only %d commands were found", ran)
	}
}

func shellLines(markdown string) (lines []string) {
	code := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		switch {
		case line == "```sh":
			code = true
		case line == "```":
			code = false
		case code && line != "":
			lines = append(lines, line)
		}
	}
	return lines
}
