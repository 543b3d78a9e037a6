package template

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

// laughs returns a YAML text whose last name expands to width to the power of depth texts.
func laughs(depth, width int) string {
	var b strings.Builder
	b.WriteString("x0: &x0 [lol]\n")
	for i := range depth {
		fmt.Fprintf(&b, "x%d: &x%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*x%d,", i), width))
	}
	return b.String()
}

// full repeats a piece up to the maximum length of a manifest. Each # becomes a different name.
func full(before, piece, after string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; b.Len() < tree.MaxText-len(after)-2*len(piece)-20; i++ {
		b.WriteString(strings.ReplaceAll(piece, "#", fmt.Sprintf("a%06d", i)))
	}
	return b.String() + after
}

func lined(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
	}
	return b.String()
}

const head = "about: a\nversion: 1\n"

// bombs are manifests that take far more time or memory than their length suggests, or that would control a terminal.
var bombs = sync.OnceValue(func() []struct{ name, text, want string } {
	return []struct{ name, text, want string }{
		{"lists of lists by alias", head + laughs(9, 9), "want no alias"},
		{"the same list again and again", full(head+"adopt: [&q [&c a],", "*q,", "]"), "want at most 20000 keys and values"},
		{"the same question with the same choices", head + "questions: [&q {name: a, ask: a, type: choice, default: a, choices: [&c {value: a}," + strings.Repeat("*c,", 100_000) + "]}," + strings.Repeat("*q,", 100_000) + "]", "want at most 20000 keys and values"},
		{"a list in itself", head + "next: &a [*a]", "want no alias"},
		{"a list in itself, as a key", head + "? &a [*a]\n: b", "want no alias"},
		{"a merge", head + "moved: &m {a: b}\ndefaults: {<<: *m}", "want no alias"},
		{"a merge of a mapping again and again", full(head+"defaults: {<<: [", "{a: b},", "]}"), "want at most 20000 keys and values"},
		{"a merge key with a literal mapping", head + "defaults: {<<: {name: b}}\nextends: svc", "extends itself"},
		{"many keys", full(head+"moved:\n", "  #: b\n", ""), "want at most 20000 keys and values"},
		{"many keys on a line", full(head+"moved: {", "#: b,", "}"), "want at most 20000 keys and values"},
		{"many unknown keys", full(head, "#: b\n", ""), "want at most 20000 keys and values"},
		{"the same key again and again", full(head, "a: b\n", ""), "want at most 20000 keys and values"},
		{"the same key often", head + strings.Repeat("a: b\n", 9000), "mapping key \"a\" already defined at line 3"},
		{"a key twice below", head + "moved: {a: b, a: c}", "svc/template.yaml:3:15: mapping key \"a\" already defined"},
		{"lists in each other", full(head+"next: ", "[", ""), "want at most 20000 keys and values"},
		{"a few lists in each other that do not end", head + "next: " + strings.Repeat("[", 11_000), "exceeded max depth of 10000"},
		{"a list twice by alias", head + "adopt: [&q [a], *q]", "want no alias"},
		{"lists in each other that end", head + "next: " + nested(9000, "[", "", "]"), "want at most 20 levels"},
		{"mappings in each other", full(head+"next: ", "{", ""), "want at most 20000 keys and values"},
		{"mappings in each other, by key", full(head+"next: ", "{a: ", ""), "want at most 20000 keys and values"},
		{"dashes in each other", full(head+"next:\n", "- ", ""), "want at most 20000 keys and values"},
		{"keys that are keys", full(head, "? ", ""), "want at most 20000 keys and values"},
		{"mappings in each other, by lines", head + lined(1400, func(i int) string { return strings.Repeat(" ", i) + "a:\n" }), "want at most 20 levels"},
		{"lists that begin", full(head+"next: ", "[a,", ""), "want at most 20000 keys and values"},
		{"comments", strings.ReplaceAll(full(head+"next: 1\n", "!\n", ""), "!", "#"), "cannot construct"},
		{"comments between values", strings.ReplaceAll(full(head+"moved:\n", " #: a\n ! a\n", ""), "!", "#"), "want at most 20000 keys and values"},
		{"blank lines", full(head+"next: 1\n", "\n", ""), "cannot construct"},
		{"spaces", full(head+"next: 1\n", " ", ""), "cannot construct"},
		{"a text of many lines", full(head+"next: ['", "\n", "']"), "want at most 500 characters"},
		{"a text of many escapes", full(head+"next: [\"", `\U0001F600`, `"]`), "want at most 500 characters"},
		{"a block of many lines", full(head+"next:\n- |\n", "  a\n", ""), "want at most 500 characters"},
		{"a folded text", full(head+"next:\n- >\n", "  a\n\n", ""), "want at most 500 characters"},
		{"a text of many words", full(head+"next: [", "a ", "]"), "want at most 500 characters"},
		{"a text of many colons", full(head+"next: [", "a:", "]"), "want at most 20000 keys and values"},
		{"many anchors", full(head+"next: [", "&# a,", "]"), "want at most 20000 keys and values"},
		{"many tags", full(head+"next: [", "!!str a,", "]"), "want at most 20000 keys and values"},
		{"many directives", full("", "%TAG !#! tag:x\n", "---\n"+head), "want no %TAG directive"},
		{"many other directives", full("", "%FOO a\n", "---\n"+head), "unknown directive"},
		{"many versions", full("", "%YAML 1.2\n", "---\n"+head), "svc/template.yaml:1:1"},
		{"many documents", full(head, "---\na: b\n", ""), "want at most 20000 keys and values"},
		{"many question marks", full(head+"next: [", "? a,", "]"), "want at most 20000 keys and values"},
		{"a list after a mapping", full(head, "- a\n", ""), "want at most 20000 keys and values"},
		{"a long key", full(head, "a", ": b"), "svc/template.yaml:3"},
		{"a large number", full("about: a\nversion: ", "9", ""), "cannot construct"},
		{"a binary value", full("about: !!binary ", "aaaa", "\nversion: 1\n"), "about: want at most 500 characters"},
		{"a binary value that is no text", "about: !!binary /w==\nversion: 1\n", "about: want UTF-8 text"},
		{"too long", strings.Repeat("#", tree.MaxText+1), "want at most 1 MiB in a manifest"},
		{"UTF-16", "\xfe\xff\x00a\x00:\x00 \x00b", "want UTF-8 text"},
		{"half of UTF-16", "\xff\xfea", "svc/template.yaml"},
		{"no UTF-8", head + "next: [\xff]", "svc/template.yaml"},
		{"NUL", head + "next: [\x00]", "svc/template.yaml"},
		{"an escape sequence as it is", head + "next: [\x1b[31m]", "svc/template.yaml"},
		{"an escape sequence in about", `about: "\e[2J"` + "\nversion: 1\n", `about: want one line of printable text, not "\x1b[2J"`},
		{"an escape sequence in next", head + `next: ["\x9b31m"]`, "next 1: want one line"},
		{"an escape sequence in extends", head + `extends: "\e"`, "extends: want one line"},
		{"an escape sequence in a key", head + `"\e[2J": 1`, `unknown field`},
		{"an escape sequence in a key twice", head + `"\e[2J": 1` + "\n" + `"\e[2J": 1`, `already defined`},
		{"an escape sequence in a number", "about: a\nversion: \"\\e[2J\"\n", `cannot construct`},
		{"an escape sequence in a path", head + `moved: {"\e": a}`, "svc/template.yaml"},
		{"an escape sequence in a default's name", head + `defaults: {"\e": a}`, "defaults: want one line"},
		{"an escape sequence in a default", head + `defaults: {a: "\e"}`, "defaults: a: want one line"},
		{"an escape sequence in an answer", head + `answers: {a: "\e"}`, "answers: a: want one line"},
		{"an escape sequence in a guess", head + `guess: [{question: name, file: a, value: "\e"}]`, "guess 1: value: want one line"},
		{"an escape sequence in a guess's question", head + `guess: [{question: "\e", file: a, value: a}]`, "guess 1: question: want one line"},
		{"an escape sequence in a guess's pattern", head + `guess: [{question: name, file: a, pattern: "\e"}]`, "guess 1: pattern: want one line"},
		{"an escape sequence in a reason", head + `reserved: [{question: name, because: "\e", words: a}]`, "reserved 1: because: want one line"},
		{"an escape sequence in a reserved question", head + `reserved: [{question: "\e", because: a, words: a}]`, "reserved 1: question: want one line"},
		{"an escape sequence in a question's name", aQuestion(`name: "\e"`), "questions 1: name: want one line"},
		{"an escape sequence in ask", aQuestion(`name: x, ask: "\e"`), "questions 1: ask: want one line"},
		{"an escape sequence in hint", aQuestion(`name: x, hint: "\e"`), "questions 1: hint: want one line"},
		{"an escape sequence in group", aQuestion(`name: x, group: "\e"`), "questions 1: group: want one line"},
		{"an escape sequence in type", aQuestion(`name: x, type: "\e"`), "questions 1: type: want one line"},
		{"an escape sequence in a question's default", aQuestion(`name: x, default: "\e"`), "questions 1: default: want one line"},
		{"an escape sequence in pattern", aQuestion(`name: x, pattern: "\e"`), "questions 1: pattern: want one line"},
		{"an escape sequence in a choice", aQuestion(`name: x, choices: [{value: "\e"}]`), "questions 1: choices 1: value: want one line"},
		{"an escape sequence in the about of a choice", aQuestion(`name: x, choices: [{value: a, about: "\e"}]`), "questions 1: choices 1: about: want one line"},
		{"a bidirectional control", aQuestion(`name: x, ask: "a\u202eb"`), `ask: want one line of printable text, not "a\u202eb"`},
		{"a second line", aQuestion(`name: x, ask: "a\nb"`), "ask: want one line"},
		{"a line separator", aQuestion(`name: x, ask: "a\u2028b"`), "ask: want one line"},
		{"a carriage return", aQuestion(`name: x, ask: "a\rb"`), "ask: want one line"},
		{"a zero-width space", aQuestion(`name: x, ask: "a\u200bb"`), "ask: want one line"},
		{"a long question", aQuestion(`name: x, ask: "` + strings.Repeat("é", 501) + `"`), "ask: want at most 500 characters"},
		{"a long name", aQuestion(`name: ` + strings.Repeat("a", 501)), "questions 1: name: want at most 500 characters"},
		{"a long pattern", aQuestion(`name: x, pattern: "` + strings.Repeat("a", 1001) + `"`), "pattern: want at most 1000 characters"},
		{"a long answer", aQuestion(`name: x, max: 10001`), "max: want at most 10000"},
		{"many questions", head + "questions: [" + strings.Repeat("{name: a},", 501) + "]", "want at most 500 questions and choices"},
		{"many choices", aQuestion(`name: x, choices: [` + strings.Repeat("{value: a},", 501) + `]`), "want at most 500 questions and choices"},
		{"many questions with choices", head + "questions: [" + strings.Repeat("{name: a, choices: [{value: a}]},", 251) + "]", "want at most 500 questions and choices"},
		{"many defaults", head + "defaults: {" + lined(501, func(i int) string { return fmt.Sprintf("a%d: b,", i) }) + "}", "want at most 500 defaults"},
		{"many guesses", head + "guess: [" + strings.Repeat("{question: name, file: a, value: a},", 501) + "]", "want at most 500 guesses"},
	}
})

func aQuestion(question string) string { return head + "questions: [{" + question + "}]\n" }

// A manifest is untrusted. An invalid one must be refused quickly and without much memory.
func TestNoManifestTakesMoreThanItMay(t *testing.T) {
	t.Parallel()
	for _, b := range bombs() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(with(templatetest.Files(bare), map[string]string{"svc/template.yaml": b.text}), nil)
			if err == nil || !strings.Contains(err.Error(), b.want) {
				t.Fatalf("got %v, want %q in it", err, b.want)
			}
			if s := err.Error(); hides(s) || len(s) > maxMessage {
				t.Errorf("got an error of %d bytes to show: %.300q", len(s), s)
			}
		})
	}
}

// A short pattern can have millions of states.
func TestNoPatternTakesMoreThanItMay(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		"a{1000}{1000}", "(a{1000}){1000}", "((a{50}){50})+", "(a{0,100}){0,100}", "a{1001}", "(?:a|b{999})(?:a|b{999})", "((((a{9}){9}){9}){9}){9}",
		"(a{500,}){500,}", `\pL{1000}\pL{1000}`, strings.Repeat("(", 1001), "(a*)*{1000}",
	} {
		if re, err := compile(pattern); err == nil {
			t.Errorf("%.60s is accepted: %d bytes", pattern, len(re.String()))
		}
	}
	for _, pattern := range []string{"", "[a-z]([a-z0-9-]{0,61}[a-z0-9])?", `[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,10}`, ".{1,200}"} {
		if _, err := compile(pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for _, text := range templatetest.Hostile[:len(templatetest.Hostile)-2] {
		if err := printable(text, 200); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range refused[4:] { // the first ones are blank at one end
		if printable(text, 200) == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(os.DirFS("../../templates"), nil); err != nil {
			b.Fatal(err)
		}
	}
}
