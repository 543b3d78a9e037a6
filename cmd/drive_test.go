package cmd

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/x/ansi"

	"dockerflow/cmd/prompt"
)

// typist fills in a form without a terminal. It sends keys to the form's Update and runs each returned command at once,
// so that a test sees what the user sees after every key.
type typist struct {
	t             *testing.T
	form          prompt.Pages
	width, height int
}

// fillIn runs a command line with a form of 80x24 that fill completes.
func (s *rig) fillIn(t *testing.T, code int, line string, fill func(*typist)) {
	t.Helper()
	s.fillInAt(t, 80, 24, code, line, fill)
}

func (s *rig) fillInAt(t *testing.T, width, height, code int, line string, fill func(*typist)) {
	t.Helper()
	shown := false
	s.Prompts = prompt.Form
	s.form = func(_ context.Context, f prompt.Pages) error {
		shown = true
		ty := &typist{t, f, width, height}
		ty.exec(f.Init())
		fill(ty)
		switch f.State {
		case huh.StateCompleted:
			return nil
		case huh.StateAborted:
			return prompt.ErrInterrupted
		}
		t.Fatalf("the form was left open:\n%s", ty.view())
		return nil
	}
	s.run(t, code, line)
	if !shown {
		t.Fatal("no form was shown")
	}
}

// press sends keys by name. It types any other word letter by letter.
func (ty *typist) press(keys ...string) {
	for _, k := range keys {
		if special, ok := specialKeys[k]; ok {
			ty.send(tea.KeyMsg{Type: special})
			continue
		}
		for _, r := range k {
			ty.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
		}
	}
}

var specialKeys = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "up": tea.KeyUp, "down": tea.KeyDown, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab,
	"backspace": tea.KeyBackspace, "clear": tea.KeyCtrlU, "ctrl+c": tea.KeyCtrlC, "esc": tea.KeyEsc,
}

// paste sends a text as a bracketed paste.
func (ty *typist) paste(s string) {
	ty.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s), Paste: true})
}

func (ty *typist) send(msg tea.Msg) {
	_, cmd := ty.form.Update(msg)
	ty.exec(cmd)
}

func (ty *typist) exec(cmd tea.Cmd) {
	if cmd == nil || strings.Contains(runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name(), "bubbles/cursor.") {
		return // a blinking cursor waits half a second
	}
	msg := cmd()
	v := reflect.ValueOf(msg)
	switch {
	case msg == nil, strings.HasSuffix(v.Type().PkgPath(), "bubbles/cursor"):
	case v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd](): // tea.Batch and tea.Sequence
		for i := range v.Len() {
			ty.exec(v.Index(i).Interface().(tea.Cmd))
		}
	case v.Type().Name() == "windowSizeMsg": // tea.WindowSize: the program answers it
		ty.send(tea.WindowSizeMsg{Width: ty.width, Height: ty.height})
	default:
		ty.send(msg)
	}
}

// view returns the screen without colours.
func (ty *typist) view() string { return ansi.Strip(ty.form.View()) }

// sees checks that the screen shows texts, wherever lines break.
func (ty *typist) sees(texts ...string) {
	ty.t.Helper()
	for _, text := range texts {
		if !ty.shows(text) {
			ty.t.Fatalf("%q is not on the screen:\n%s", text, ty.view())
		}
	}
}

// seesNot checks that the screen does not show texts.
func (ty *typist) seesNot(texts ...string) {
	ty.t.Helper()
	for _, text := range texts {
		if ty.shows(text) {
			ty.t.Fatalf("%q is on the screen:\n%s", text, ty.view())
		}
	}
}

func (ty *typist) shows(text string) bool { return strings.Contains(flat(ty.view()), flat(text)) }

// flat removes layout: the bar beside the focused field, line breaks and spaces.
func flat(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '┃' || r == ' ' || r == '\n' }), "")
}
