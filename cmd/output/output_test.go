package output

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"dockerflow/generator/glyph"
)

// printed returns what show prints to a stream.
func printed(getenv func(string) string, show func(*Stream)) string {
	var b bytes.Buffer
	s := New(&b, getenv)
	show(s)
	_ = s.Close()
	return b.String()
}

// variable returns an environment with one variable.
func variable(name, value string) func(string) string {
	return func(n string) string { return map[string]string{name: value}[n] }
}

// Runners trim lines, split them at carriage returns, and look for some commands anywhere in a line.
func TestCommands(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"::error::x":                     `\::error::x`,
		"  ::error::x":                   `  \::error::x`,
		"\u0301:\ufe0f:error::x":         "\u0301:\\ufe0f:error::x",
		"a ::error::x":                   "a ::error::x",
		"see ##[error]x":                 `see ##\[error]x`,
		"##vso[a]##teamcity[b]":          `##vso\[a]##teamcity\[b]`,
		"#\u0301##\u0301vso[a]":          "#\u0301##\u0301vso\\[a]",
		"# [a](b) #[c] ## [d] f[0] ${x}": "# [a](b) #[c] ## [d] f[0] ${x}",
	} {
		if got := printed(nil, func(s2 *Stream) { s2.Line("%s", s) }); got != want+"\n" {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]bool{
		" ::error::x\n": true, "+a\r::error::x\n": true, "+##[error]x": true, "+#\x00#[error]x": true, "+\u200b##vso[x]": true,
		"+::error::x\n": false, "+# [x]\n-##\n": false, "": false, "+caf\xe9\n": false, "+#\n#[x]": false,
	} {
		if got := commands(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestWhatReadsAPatch(t *testing.T) {
	t.Parallel()
	const patch = "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n ::stop-commands::x\n+\x1b[31m##[add-path]\tx\n"
	const shown = "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n \\::stop-commands::x\n+\\x1b[31m##\\[add-path]\tx\n"
	for _, name := range []string{"CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"} {
		quoted := false
		got := printed(variable(name, "true"), func(s *Stream) { quoted = s.Patch(patch) })
		want := "| " + strings.ReplaceAll(strings.TrimSuffix(patch, "\n"), "\n", "\n| ") + "\n"
		want = strings.NewReplacer("\x1b", `\x1b`, "##[", `##\[`).Replace(want)
		if got != want || !quoted {
			t.Errorf("%s: printed %q", name, got)
		}
	}
	if got := printed(nil, func(s *Stream) { s.Patch(patch) }); got != patch {
		t.Errorf("a pipe got %q", got)
	}
	if got := printed(nil, func(s *Stream) { s.terminal = os.Stderr; s.Patch(patch) }); got != shown {
		t.Errorf("a terminal got %q", got)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "patch"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if quoted := New(file, variable("CI", "1")).Patch(patch); quoted {
		t.Error("a file got a quoted patch")
	}
	if data, err := os.ReadFile(file.Name()); err != nil || string(data) != patch {
		t.Errorf("a file got %q, %v", data, err)
	}
}

func TestStyles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		getenv func(string) string
		want   string
	}{
		"none":   {nil, "x\\x1b[0m    y\n"},
		"forced": {variable("CLICOLOR_FORCE", "1"), "\x1b[1;31mx\\x1b[0m    \x1b[0my\n"},
	} {
		if got := printed(test.getenv, func(s *Stream) { s.Line("%-9s%s", Styled{Red, "x\x1b[0m"}, Styled{Plain, "y"}) }); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// The first error is kept, and nothing is written after it.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*Stream){
		"Line":     func(s *Stream) { s.Line("x") },
		"Text":     func(s *Stream) { s.Text("x") },
		"Prompt":   func(s *Stream) { s.Prompt("x") },
		"Status":   func(s *Stream) { s.Status("x") },
		"Patch":    func(s *Stream) { s.Patch("x") },
		"JSON":     func(s *Stream) { _ = s.JSON("x") },
		"List":     func(s *Stream) { (&List{Stream: s}).End() },
		"XML":      func(s *Stream) { _ = s.XML("x") },
		"Annotate": func(s *Stream) { s.Annotate(Annotation{}) },
		"Writer":   func(s *Stream) { _, _ = io.WriteString(s.Writer(), "no end of a line") },
	} {
		w := &failing{}
		s := New(w, nil)
		write(s)
		s.Line("more")
		if err := s.Close(); !errors.Is(err, errFull) || w.writes != 1 {
			t.Errorf("%s: %v after %d writes", name, err, w.writes)
		}
	}
}

var errFull = errors.New("full")

type failing struct{ writes int }

func (f *failing) Write([]byte) (int, error) {
	f.writes++
	return 0, errFull
}

func TestList(t *testing.T) {
	t.Parallel()
	for want, elements := range map[string][]any{
		"[]\n": nil,
		"[\n  {\n    \"a\": \"<\\u202e>\"\n  },\n  2\n]\n": {map[string]string{"a": "<\u202e>"}, 2},
	} {
		got := printed(nil, func(s *Stream) {
			l := List{Stream: s}
			for _, e := range elements {
				if err := l.Add(e); err != nil {
					t.Error(err)
				}
			}
			l.End()
		})
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

var bracketed = regexp.MustCompile(`##(vso|teamcity)?\[`)

// harm returns why a text is unsafe for a terminal or a runner, or "".
func harm(text string) string {
	before := rune(0)
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		joins := r == '\u200d' && unicode.In(before, unicode.S, unicode.Variation_Selector)
		if r == utf8.RuneError && size == 1 || r != '\n' && r != '\t' && !unicode.IsGraphic(r) && !joins {
			return "it contains an invisible character"
		}
		before = r
	}
	for line := range strings.SplitSeq(text, "\n") {
		seen := strings.Map(func(r rune) rune {
			if !unicode.IsSpace(r) && unicode.In(r, unicode.C, unicode.M) {
				return -1
			}
			return r
		}, line)
		if strings.HasPrefix(strings.TrimSpace(seen), "::") || bracketed.MatchString(seen) {
			return "it contains a command"
		}
	}
	return ""
}

// FuzzOutput prints any text with each method.
func FuzzOutput(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\nb\n", "\x1b]0;x\x07", "\x9b2J\u009b", "\u202ex", "x\n ::stop-commands::y", "\r::error::x", "##[a]", "##vso[a]", "#\u200d#teamcity[a]",
		"👩\u200d🔬", "]]><x a='&'>", "50%,:\r\n", "\\u202e", "#\n#[x]\t::", " +a\n-##\n", "\u2028\u3164\ufffd",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkTexts(t, s)
		checkData(t, s)
		checkAnnotation(t, s)
		checkPatch(t, s)
	})
}

func checkTexts(t *testing.T, s string) {
	t.Helper()
	half := len(s) / 2
	texts := map[string]string{
		"a line":   printed(nil, func(out *Stream) { out.Line("%s", s) }),
		"halves":   printed(nil, func(out *Stream) { out.Line("%s%s", s[:half], s[half:]) }),
		"quoted":   printed(nil, func(out *Stream) { out.Line("%q %v", s, []string{s}) }),
		"an error": printed(nil, func(out *Stream) { out.Line("error: %v", errors.New(s)) }),
		"a prompt": printed(nil, func(out *Stream) { out.Prompt("%s [%s]: ", s, s) }),
		"a text":   printed(nil, func(out *Stream) { out.Text(s) }),
	}
	for name, text := range texts {
		if wrong := harm(text); wrong != "" {
			t.Errorf("%s: %s: %q", name, wrong, text)
		}
		if lines := strings.Count(text, "\n"); lines != 1 && name != "a text" && name != "a prompt" {
			t.Errorf("%s: %d lines: %q", name, lines, text)
		}
		if again := printed(nil, func(out *Stream) { out.Text(text) }); again != text {
			t.Errorf("%s: printed again, %q becomes %q", name, text, again)
		}
	}
	written := printed(nil, func(out *Stream) {
		for i := range s {
			_, size := utf8.DecodeRuneInString(s[i:])
			_, _ = io.WriteString(out.Writer(), s[i:i+size])
		}
	})
	if written != texts["a text"] || strings.Count(written, "\n") != strings.Count(s, "\n") {
		t.Errorf("a writer printed %q, want %q", written, texts["a text"])
	}
	styled := printed(variable("CLICOLOR_FORCE", "1"), func(out *Stream) { out.Line("%s", Styled{Red, s}) })
	styled = strings.TrimSuffix(strings.TrimPrefix(styled, "\x1b[1;31m"), "\x1b[0m\n") + "\n"
	if wrong := harm(" " + styled); wrong != "" {
		t.Errorf("in a style: %s: %q", wrong, styled)
	}
}

func checkData(t *testing.T, s string) {
	t.Helper()
	text := printed(nil, func(out *Stream) {
		if err := out.JSON(map[string]any{s: []string{s}, "##": []int{}}); err != nil {
			t.Error(err)
		}
	})
	standard, _ := json.Marshal(s)
	var want string
	var got map[string][]string
	if err := errors.Join(json.Unmarshal(standard, &want), json.Unmarshal([]byte(text), &got)); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	if wrong := harm(text); wrong != "" || s != "##" && (len(got[want]) != 1 || got[want][0] != want) {
		t.Errorf("JSON: %s: %q", wrong, text)
	}
	type element struct {
		A string `xml:"a,attr"`
		T string `xml:",chardata"`
	}
	text = printed(nil, func(out *Stream) {
		if err := out.XML(element{glyph.Line(s), glyph.Line(s)}); err != nil {
			t.Error(err)
		}
	})
	var back element
	if err := xml.Unmarshal([]byte(text), &back); err != nil || back.A != glyph.Line(s) || back.T != glyph.Line(s) || harm(text) != "" {
		t.Errorf("XML: %v, %s: %q", err, harm(text), text)
	}
}

var annotation = regexp.MustCompile(`^::error (?:file=([^:,\r\n]+),line=7,)?title=([^:,\r\n]*)::([^\r\n]*)\n$`)

func checkAnnotation(t *testing.T, s string) {
	t.Helper()
	text := printed(nil, func(out *Stream) {
		out.Annotate(Annotation{Level: "error", File: s, Line: 7, Title: s, Lines: []string{s, s}})
	})
	m := annotation.FindStringSubmatch(text)
	if wrong := harm("x" + text); m == nil || wrong != "" {
		t.Fatalf("%s: %q", wrong, text)
	}
	decode := strings.NewReplacer("%2C", ",", "%3A", ":", "%0D", "\r", "%0A", "\n", "%25", "%").Replace
	shown := breakBrackets(glyph.Line(s), `\[`)
	if decode(m[1]) != shown || decode(m[2]) != shown || decode(m[3]) != shown+"\n"+shown {
		t.Errorf("%q holds %q", text, m[1:])
	}
}

func checkPatch(t *testing.T, s string) {
	t.Helper()
	if text := printed(nil, func(out *Stream) { out.Patch(s) }); text != s {
		t.Errorf("a pipe got %q", text)
	}
	if text := printed(nil, func(out *Stream) { out.terminal = os.Stderr; out.Patch(s) }); harm(text) != "" {
		t.Errorf("a terminal got %q: %s", text, harm(text))
	}
	quoted := false
	text := printed(variable("CI", "true"), func(out *Stream) { quoted = out.Patch(s) })
	switch {
	case quoted && (harm(text) != "" || strings.Count(text, "\n") != strings.Count(text, "\n| ")+1):
		t.Errorf("a runner got %q: %s", text, harm(text))
	case !quoted && (text != s || strings.Contains(harm(strings.ReplaceAll(s, "\r", "\n")), "command")):
		t.Errorf("a runner got %q", text)
	}
}
