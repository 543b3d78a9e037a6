package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"

	"github.com/creack/pty"
)

// firstPrompt measures from the start of the program to the first question on the screen of a terminal which answers
// queries, or of one that does not.
func firstPrompt(program string, answers bool, rounds int) error {
	var took []time.Duration
	for range rounds {
		d, err := prompt(program, answers)
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	slices.Sort(took)
	kind := map[bool]string{true: "answers queries", false: "answers none"}[answers]
	fmt.Printf("first prompt, terminal %-15s %6.2f ms\n", kind, ms(took[len(took)/2]))
	return nil
}

// queries that a terminal answers: where the cursor is, and the background's colour.
var queries = map[string]string{
	"\x1b[6n":    "\x1b[1;1R",
	"\x1b]11;?":  "\x1b]11;rgb:0000/0000/0000\x1b\\",
	"\x1b[c":     "\x1b[?62;c",
	"\x1b[?u":    "\x1b[?0u",
	"\x1b[?996n": "\x1b[?997;1n",
}

func prompt(program string, answers bool) (time.Duration, error) {
	c := exec.Command(program, "new")
	c.Env = []string{"TERM=xterm-256color", "PATH=/usr/bin:/bin", "HOME=/nonexistent"}
	start := time.Now()
	terminal, err := pty.StartWithSize(c, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return 0, err
	}
	defer terminal.Close()
	var screen bytes.Buffer
	buf := make([]byte, 4096)
	for !bytes.Contains(screen.Bytes(), []byte("Service name")) {
		n, err := terminal.Read(buf)
		if err != nil {
			return 0, fmt.Errorf("no prompt came: %w: %q", err, screen.String())
		}
		screen.Write(buf[:n])
		for q, a := range queries {
			if answers && bytes.Contains(buf[:n], []byte(q)) {
				if _, err := io.WriteString(terminal, a); err != nil {
					return 0, err
				}
			}
		}
	}
	took := time.Since(start)
	if _, err := io.WriteString(terminal, "\x03"); err != nil { // Ctrl-C
		return 0, err
	}
	go func() { _, _ = io.Copy(io.Discard, terminal) }() // or the program waits for a reader
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		return 0, fmt.Errorf("Ctrl-C: want exit 130: %w", err)
	}
	return took, nil
}
