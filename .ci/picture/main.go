// Picture draws the README's picture of the form: it runs the program on a terminal emulator, types some answers, and
// writes what the screen then shows as SVG.
//
//	go run ./.ci/picture >.ci/form.svg
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

const columns, rows = 80, 20

// steps are what to wait for on the screen, and what to type then.
var steps = []struct{ until, keys string }{
	{"┃ What to make", "\r"},
	{"┃ Service name", "greeter\r"},
	{"┃ Description", "Says hello, in any language"},
	{"> Says hello, in any language", ""},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "picture-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "dockerflow")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/dockerflow")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	screen, err := play(ctx, program, dir)
	if err != nil {
		return err
	}
	return draw(os.Stdout, screen)
}

// play takes the steps on a terminal that knows no user: what the machine could suggest is not in the picture.
func play(ctx context.Context, program, home string) (vt10x.Terminal, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := exec.CommandContext(ctx, program, "new")
	c.Dir = home
	c.Env = []string{"TERM=xterm-256color", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "PATH="}
	terminal, err := pty.StartWithSize(c, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		cancel()
		return nil, err
	}
	defer func() {
		cancel()
		_ = c.Wait() // it was ended
		terminal.Close()
	}()
	screen := vt10x.New(vt10x.WithSize(columns, rows))
	buf := make([]byte, 1<<16)
	for i := 0; i < len(steps); {
		n, err := terminal.Read(buf)
		if err != nil {
			return nil, fmt.Errorf("waiting for %q: %w; the screen:\n%s", steps[i].until, err, screen)
		}
		if _, err := screen.Write(buf[:n]); err != nil {
			return nil, err
		}
		if !strings.Contains(screen.String(), steps[i].until) || steps[i].keys == "" && !cursorShown(screen) {
			continue
		}
		if _, err := terminal.WriteString(steps[i].keys); err != nil {
			return nil, err
		}
		i++
	}
	return screen, nil
}

// cursorShown tells whether the field's cursor, which blinks, is drawn.
func cursorShown(screen vt10x.Terminal) bool {
	for y := range rows {
		for x := range columns {
			if screen.Cell(x, y).BG == vt10x.DefaultFG {
				return true
			}
		}
	}
	return false
}
