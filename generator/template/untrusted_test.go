package template

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

// tight are very low limits.
func tight() limits { return limits{1000, 4000, 1000, 2000, 5000, 5, time.Hour} }

// growing returns a piece of template with a variable, $b, of n bytes.
func growing(n int, then string) string {
	return `<% $b := ` + "`" + strings.Repeat("a\n", n/2) + "`" + ` %>` + then
}

// nested puts text between n openings and n endings.
func nested(n int, open, text, end string) string {
	return strings.Repeat(open, n) + text + strings.Repeat(end, n)
}

// greedy are templates that exceed a limit, and the limit.
var greedy = []struct {
	name, text, want string
}{
	{"a loop over a number", `<% range 1000000000000 %><% end %>`, "1000 steps"},
	{"a loop without end", `<% range 1000000000000 %><% continue %><% end %>`, "1000 steps"},
	{"loops in loops", nested(20, `<% range 99 %>`, "", `<% end %>`), "1000 steps"},
	{"a loop's other branch", `<% range 0 %><% else %><% range 1001 %><% end %><% end %>`, "1000 steps"},
	{"a loop in a condition", `<% if true %><% range 1001 %><% end %><% end %>`, "1000 steps"},
	{"a loop in a with", `<% with 1001 %><% range . %><% end %><% end %>`, "1000 steps"},
	{"a loop over the answers, again and again", `<% range 1001 %><% range $ %><% end %><% end %>`, "1000 steps"},
	{"includes that double at each level", `<% define "0" %>x<% end %>` + doubling(30) + `<% template "30" %>`, "1000 steps"},
	{"many words in a loop", `<% range 20 %><% $x := or ` + strings.Repeat("false ", 200) + ` %><% end %>`, "1000 steps"},
	{"many words one after the other", strings.Repeat(`<% true %>`, 1001), "1000 steps"},
	{"a text that is written again and again", `<% range 900 %>abc<% end %>`, "2000 in a file"},
	{"one long text", strings.Repeat("a", 2001), "2000 in a file"},
	{"an answer that is written again and again", `<% range 200 %><% $.name %>, once more<% end %>`, "2000 in a file"},
	{"the answers that are written again and again", `<% range 100 %><% $ %><% end %>`, "2000 in a file"},
	{"a list that is written again and again", `<% $l := list 1 2 3 4 5 %><% range 900 %><% $l %><% end %>`, "2000 in a file"},
	{"an indent", `<% indent 1001 "a" %>`, "1000 from one function"},
	{"an indent beyond all memory", `<% indent 9223372036854775807 "a" %>`, "1000 from one function"},
	{"an indent of many lines", growing(600, `<% indent 4 $b %>`), "1000 from one function"},
	{"an indent after a line", growing(600, `<% nindent 4 $b %>`), "1000 from one function"},
	{"an indent that overflows", growing(600, `<% nindent 4611686018427387904 $b %>`), "1000 from one function"},
	{"a replacement by something longer", growing(600, `<% replace "a" "abcdef" $b %>`), "1000 from one function"},
	{"replacing the empty text", growing(600, `<% replace "" "abcdef" $b %>`), "1000 from one function"},
	{"a replacement by itself", growing(600, `<% replace "a" $b $b %>`), "1000 from one function"},
	{"a text that is joined by itself", growing(600, `<% join $b (list 1 2 3) %>`), "1000 from one function"},
	{"the letters of a text", growing(600, `<% splitList "" $b | len %>`), "1000 from one function"},
	{"the lines of a text", growing(600, `<% splitList "\n" $b | len %>`), "1000 from one function"},
	{"a list of the same text", growing(600, `<% list $b $b | len %>`), "1000 from one function"},
	{"a list of lists", `<% $l := list 1 %><% range 99 %><% $l = list $l $l %><% end %><% $l %>`, "want texts, numbers and booleans, not []interface {}"},
	{"a list of the answers", `<% $l := list . %>`, "want texts, numbers and booleans, not map[string]interface {}"},
	{"a list of pieces", `<% $l := list (splitList "a" "bac") %>`, "want texts, numbers and booleans, not []string"},
	{"a list of nil", `<% $l := list nil %>`, "want texts, numbers and booleans, not nil"},
	{"a list of complex numbers", `<% $l := list 1i %>`, "want texts, numbers and booleans, not complex128"},
	{"a width", `<% printf "%1001d" 1 %>`, "1000 from one function"},
	{"a width of many digits", `<% printf "%99999999999999999999d" 1 %>`, "1000 from one function"},
	{"a width with flags", `<% printf "%-+# 01001d" 1 %>`, "1000 from one function"},
	{"a precision", `<% printf "%.1001f" 1.5 %>`, "1000 from one function"},
	{"a width and a precision", `<% printf "%600.600f" 1.5 %>`, "1000 from one function"},
	{"a width for each of a list", `<% printf "%200d" (list 1 2 3 4 5) %>`, "1000 from one function"},
	{"many widths", `<% printf "%200d%200d%200d%200d%200d" 1 2 3 4 5 %>`, "1000 from one function"},
	{"a width after a sign in full", `<% printf "%%%1001d" 1 %>`, "1000 from one function"},
	{"a width after a verb beyond ASCII", `<% printf "%é%1001d" 1 1 %>`, "1000 from one function"},
	{"a width that is an argument", `<% printf "%*d" 1001 1 %>`, "want no %* in a format"},
	{"a precision that is an argument", `<% printf "%.*f" 1001 1.5 %>`, "want no %.* in a format"},
	{"an argument by its number", `<% printf "%[1]s%[1]s" "a" %>`, "want no %[ in a format"},
	{"an address", `<% printf "%p" . %>`, "want no %p in a format"},
	{"arguments that are no verb's", growing(600, `<% printf "" $b $b %>`), "1000 from one function"},
	{"a text twice", growing(600, `<% print $b $b %>`), "1000 from one function"},
	{"a text twice on a line", growing(600, `<% println $b $b %>`), "1000 from one function"},
	{"a text in quotes", growing(800, `<% printf "%q" $b %>`), "1000 from one function"},
	{"a text in hexadecimal", growing(600, `<% printf "%x" $b %>`), "1000 from one function"},
	{"a literal", growing(800, `<% quote $b %>`), "1000 from one function"},
	{"Markdown", `<% markdown "` + strings.Repeat("*", 600) + `" %>`, "1000 from one function"},
	{"HTML", `<% html "` + strings.Repeat("<", 600) + `" %>`, "1000 from one function"},
	{"JavaScript", `<% js "` + strings.Repeat("<", 600) + `" %>`, "1000 from one function"},
	{"an address's query", `<% urlquery "` + strings.Repeat("<", 600) + `" %>`, "1000 from one function"},
	{"two texts as HTML", growing(600, `<% html $b $b %>`), "1000 from one function"},
	{"results that are thrown away", growing(600, `<% range 900 %><% $x := upper $b %><% end %>`), "4000 from all functions"},
	{"a text that grows", `<% $x := "a" %><% range 100 %><% $x = print $x $x %><% end %>`, "1000 from one function"},
	{"a text that grows by parts", `<% define "p" %><% . %><% . %><% end %>` + growing(600, `<% template "p" (print $b "a") %><% template "p" $b %>`), "2000 in a file"},
	{"a function that takes functions", `<% call . %>`, `function "call" not defined`},
	{"the meter itself", `<% tick -1000000 %>`, `function "tick" not defined`},
	{"a function that sprig has", `<% repeat 200000000 "a" %>`, `function "repeat" not defined`},
	{"conditions in each other", nested(101, `<% if true %>`, "x", `<% end %>`), "100 levels of blocks"},
	{"loops in each other", nested(101, `<% range . %>`, "x", `<% end %>`), "100 levels of blocks"},
	{"withs in each other", nested(101, `<% with . %>`, "x", `<% end %>`), "100 levels of blocks"},
	{"blocks in each other", nested(101, `<% block "a" . %>`, "x", `<% end %>`), "100 levels of blocks"},
	{"a long chain of conditions", `<% if true %>` + strings.Repeat(`<% else if true %>`, 100) + `<% end %>`, "100 levels of blocks"},
	{"a long chain of withs", `<% with . %>` + strings.Repeat(`<% else with . %>`, 100) + `<% end %>`, "100 levels of blocks"},
	{"conditions that trim", nested(101, "x\n<%- if true -%>\n", "x", "\n<%- end -%>\n"), "100 levels of blocks"},
	{"conditions after comments and quotes", nested(101, "<%/* %> */%><% \"%><% end\" %><% `%><% end` %><% if true %>", "x", `<% end %>`), "100 levels of blocks"},
	{"conditions that never end", strings.Repeat(`<%if .%>`, tree.MaxText/8), "100 levels of blocks"},
	{"parentheses in each other", `<% ` + nested(101, "(", "1", ")") + ` %>`, "100 levels of parentheses"},
	{"parentheses that never end", `<% ` + strings.Repeat("(", tree.MaxText-3), "100 levels of parentheses"},
	{"parentheses with functions", `<% ` + nested(101, "(not ", "true", ")") + ` %>`, "100 levels of parentheses"},
	{"a long pipeline", `<% true` + strings.Repeat(` | not`, 1000) + ` %>`, "1000 steps"},
	{"a long chain of fields", `<% $` + strings.Repeat(`.a`, 1000) + ` %>`, "1000 steps"},
	{"many arguments", `<% $x := list` + strings.Repeat(` 1`, 1000) + ` %>`, "1000 steps"},
	{"a long text without a loop", strings.Repeat(`<% true %>`, 15_000), "1000 steps"},
	{"many variables", strings.Repeat(`<% $a := 1 %>`, 201), "200 declared variables"},
	{"many assignments", `<% $a := 1 %>` + strings.Repeat(`<% $a = 1 %>`, 200), "200 declared variables"},
	{"many variables of loops", strings.Repeat(`<% range $i, $e := . %><% end %>`, 101), "200 declared variables"},
	{"too long a text", strings.Repeat("a", tree.MaxText+1), "1 MiB of text that is rendered"},
	{"a long number in an error", `<% ` + strings.Repeat("9", 5000) + ` %>`, "illegal number syntax"},
	{"a definition that includes itself", `<% template "files/x.tmpl" %>`, `files/x.tmpl: "files/x.tmpl" includes itself: ["files/x.tmpl" "files/x.tmpl"]`},
	{"a definition that includes itself, never called", `<% define "a" %><% if false %><% template "a" %><% end %><% end %>`, `"a" includes itself: ["a" "a"]`},
	{"includes in a circle of three", `<% define "a" %><% template "b" %><% end %><% define "b" %><% range . %><% else %><% template "c" %><% end %><% end %><% define "c" %><% template "a" %><% end %>`, `"a" includes itself: ["a" "b" "c" "a"]`},
	{"a block that includes itself", `<% block "a" . %><% with . %><% template "a" %><% end %><% end %>`, `"a" includes itself`},
	{"too long a way down", chain(65) + `<% template "0" %>`, "64 templates that include each other"},
	{"a very long way down", chain(5000), "64 templates that include each other"},
	{"a definition of the file itself", `x<% define "files/x.tmpl" %>y<% end %>`, `multiple definition of template "files/x.tmpl"`},
	{"a definition of another file", `x<% define "files/y.tmpl" %>y<% end %>`, `"files/y.tmpl" is also defined in files/x.tmpl`},
	{"a definition of a part", `<% define "part" %>y<% end %>`, `files/x.tmpl: "part" is also defined in parts/part`},
	{"a block that is a part", `<% block "part" . %>y<% end %>`, `files/x.tmpl: "part" is also defined in parts/part`},
}

func doubling(n int) string {
	s := ""
	for i := range n {
		s += fmt.Sprintf(`<%% define "%d" %%><%% template "%d" %%><%% template "%d" %%><%% end %%>`, i+1, i, i)
	}
	return s
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<%% define "%d" %%><%% template "%d" %%><%% end %%>`, i, i+1)
	}
	return b.String() + fmt.Sprintf(`<%% define "%d" %%>x<%% end %%>`, n)
}

// An untrusted template must not hang the program, and must not exhaust its memory or its stack.
func TestNoTemplateTakesMoreThanItMay(t *testing.T) {
	t.Parallel()
	for _, tt := range greedy {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			svc := loadSvc(t, with(templatetest.Files(bare), map[string]string{"svc/files/x.tmpl": tt.text, "svc/files/y.tmpl": "y", "svc/parts/part": "part"}))
			l := tight()
			_, err := svc.render(Answers{"name": "app", "tidy": true}, newMeter(l))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q in it", err, tt.want)
			}
			if !strings.Contains(err.Error(), "files/x.tmpl") {
				t.Errorf("got %v, want the file in it", err)
			}
			if len(err.Error()) > maxMessage+100 {
				t.Errorf("got an error of %d bytes", len(err.Error()))
			}
			var limit *tree.LimitError
			if numbered := tt.want[0] >= '0' && tt.want[0] <= '9'; errors.As(err, &limit) != numbered {
				t.Errorf("got %T, want a LimitError: %v", err, numbered)
			}
		})
	}
}

func TestNoTemplateTakesTooLong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text string }{
		{"steps", strings.Repeat(`<% range 3 %><% end %>`, 100)},
		{"functions", `<% $x := or ` + strings.Repeat(`(upper "") `, 100) + `%>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			svc := loadSvc(t, with(templatetest.Files(bare), map[string]string{"svc/files/x.tmpl": tt.text}))
			for seconds, want := range map[int]string{50: "svc: files/x.tmpl: want at most 50 seconds to render", 1000: ""} {
				clock := time.Unix(0, 0)
				l := ofFiles()
				l.time = time.Duration(seconds) * time.Second
				m := startMeter(l, func() time.Time { clock = clock.Add(time.Second); return clock })
				if _, err := svc.render(Answers{"name": "app"}, m); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

// Copied files count toward the limits like rendered ones.
func TestNoTemplateMakesTooMuch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a large file", map[string]string{"svc/files/x": strings.Repeat("a", 2001)}, "files/x: want at most 2000 in a file"},
		{"large files", map[string]string{
			"svc/files/1": strings.Repeat("a", 2000), "svc/files/2.tmpl": strings.Repeat("a", 2000), "svc/files/3": strings.Repeat("a", 1001),
		}, "files/3: want at most 5000 in all files"},
		{"many files", map[string]string{"svc/files/1": "", "svc/files/2.tmpl": "a", "svc/files/3": "", "svc/files/4": "", "svc/files/5": ""}, "want at most 5 files"},
		{"many parts", map[string]string{"svc/parts/1": "", "svc/parts/2.tmpl": "a", "svc/parts/3": "", "svc/parts/4": "", "svc/parts/5": ""}, "want at most 5 files"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			svc := loadSvc(t, with(templatetest.Files(bare), tt.files))
			_, err := svc.render(Answers{"name": "app"}, newMeter(tight()))
			var limit *tree.LimitError
			if !errors.As(err, &limit) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// A form shows a default at each key press, and there can be hundreds.
func TestNoDefaultTakesMoreThanItMay(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a loop", `<% range 1000000000 %><% end %>`, "default of x: want at most 10000 steps"},
		{"a long text", strings.Repeat("a", maxDefault) + "<% 1 %>", "default of x: want at most 16 KiB of text"},
		{"a long result", `<% range 9000 %>abc<% end %>`, "default of x: want at most 16 KiB in a file"},
		{"a large value", `<% indent 20000 "" %>`, "default of x: want at most 16 KiB from one function"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := renderText("default of x", tt.text, Answers{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// oddities are values that a function may not expect.
var oddities = []string{
	`nil`, `"a"`, `-1`, `9223372036854775807`, `true`, `$`, `(list "b" 1 true)`, `""`, `"\xff%"`, `2`, `1.5e308`, `1i`, `(list)`, `(splitList "" "猫")`, `(first (list))`,
}

// A panic in a function becomes an error, but a panic in text/template itself, or a stack overflow, would end the
// program.
func TestNoFunctionPanics(t *testing.T) {
	t.Parallel()
	for name := range callable() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := []string{name}
			for _, a := range oddities {
				calls = append(calls, name+" "+a, a+" | "+name)
				for _, b := range oddities {
					calls = append(calls, name+" "+a+" "+b)
					if name == "replace" || name == "ternary" || name == "slice" || name == "index" || name == "printf" {
						for _, c := range oddities[:7] {
							calls = append(calls, name+" "+a+" "+b+" "+c)
						}
					}
				}
			}
			taken := 0
			for _, call := range calls {
				for _, text := range []string{`<% ` + call + ` %>`, `<% range $x := ` + call + ` %><% . %><% end %>`} {
					p := newParsed("x")
					err := p.parse("x", "x", text)
					if err == nil {
						_, err = p.engine(newMeter(tight())).execute("x", Answers{"name": "app"})
					}
					if err == nil {
						taken++
					}
				}
			}
			if taken == 0 {
				t.Errorf("all of %d calls are refused", len(calls))
			}
		})
	}
}

func TestAPanicOfTheEngineIsAnError(t *testing.T) {
	t.Parallel()
	p, err := parseText("x", "text")
	if err != nil {
		t.Fatal(err)
	}
	e := p.engine(newMeter(tight()))
	e.out.meter = nil // so that writing panics, which text/template passes on
	if _, err := e.execute("x", nil); !errors.Is(err, errPanic) {
		t.Errorf("got %v, want %v", err, errPanic)
	}
}

// Counting a result is too late if it fills the memory.
func TestLargeResultsAreRefusedBeforeTheyAreAllocated(t *testing.T) {
	t.Parallel()
	lines, text := strings.Repeat("a\n", 300), strings.Repeat("a", 600)
	tests := []struct {
		name string
		args []any
	}{
		{"indent", []any{1001, "a"}},
		{"indent", []any{4, lines}},
		{"nindent", []any{math.MaxInt, lines}},
		{"replace", []any{"a", "ab", text}},
		{"replace", []any{"", "ab", text}},
		{"join", []any{text, []any{1, 2, 3}}},
		{"join", []any{text, []string{"a", "b", "c"}}},
		{"join", []any{"", []any{text, text}}},
		{"list", []any{[]any{text, text}}},
		{"print", []any{[]any{text, []any{text}}}},
		{"print", []any{[]any{map[string]any{"a": text, text: "b"}}}},
		{"println", []any{[]any{text, text}}},
		{"html", []any{[]any{text, text}}},
		{"js", []any{[]any{text, text}}},
		{"urlquery", []any{[]any{text, text}}},
		{"printf", []any{text + text, []any{}}},
		{"printf", []any{"%s", []any{text, text}}},
		{"printf", []any{"%1001d", []any{1}}},
		{"printf", []any{"%200d", []any{[]any{1, 2, 3, 4, 5}}}},
		{"printf", []any{"%-200v", []any{map[string]any{"a": 1, "b": 2, "c": 3}}}},
	}
	for _, tt := range tests {
		typ := reflect.TypeOf(functions()[tt.name])
		var args []reflect.Value
		for i, arg := range tt.args {
			args = append(args, reflect.New(typ.In(i)).Elem())
			args[i].Set(reflect.ValueOf(arg))
		}
		var limit *tree.LimitError
		if err := checkAlloc(tt.name, args, typ.IsVariadic(), 1000); !errors.As(err, &limit) {
			t.Errorf("%s of %.60q: got %v, want a LimitError", tt.name, tt.args, err)
		}
		if err := checkAlloc(tt.name, args, typ.IsVariadic(), math.MaxInt); err != nil {
			t.Errorf("%s of %.60q: %v", tt.name, tt.args, err)
		}
	}
}

// The parser nests an else-if in the block before it.
func TestTheScannerCountsBlocksAsTheParserNestsThem(t *testing.T) {
	t.Parallel()
	for depth, fine := range map[int]bool{maxNested: true, maxNested + 1: false} {
		for _, text := range []string{
			strings.Repeat("<% if true %>", depth),
			"<% if true %>" + strings.Repeat("<% else if true %>", depth-1),
			"<% with true %>" + strings.Repeat("<% else with true %>", depth-1),
			strings.Repeat("<% if true %><% else %><% range . %>", depth/2) + strings.Repeat("<% block `x` . %>", depth%2),
		} {
			if _, err := scan(text, maxActions); (err == nil) != fine {
				t.Errorf("depth %d: got %v of %.60s", depth, err, text)
			}
		}
		if _, err := scan(strings.Repeat("<% if true %><% else if true %><% end %>", depth)+"<% print"+strings.Repeat(" (1)", depth)+" %>", maxActions); err != nil {
			t.Errorf("%d conditions and parentheses after each other: got %v", depth, err)
		}
	}
}

// These texts have the maximum length. Parsing and rendering must not recurse deeply.
func TestNoActionIsTooLong(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"a pipeline":                       {`<% true` + strings.Repeat(` | not`, tree.MaxText/6-10) + ` %>`, ""},
		"fields":                           {`<% $` + strings.Repeat(`.a`, tree.MaxText/2-10) + ` %>`, `at <$.a.a.a`},
		"fields of a value":                {`<% (1)` + strings.Repeat(`.a`, tree.MaxText/2-10) + ` %>`, "can't evaluate field a"},
		"arguments":                        {`<% $x := list` + strings.Repeat(` 1`, tree.MaxText/2-10) + ` %>`, "1 MiB from one function"},
		"arguments that are a large text":  {growing(tree.MaxText/2, `<% print`+strings.Repeat(` $b`, tree.MaxText/8)+` %>`), "1 MiB from one function"},
		"arguments that no one counts":     {`<% $x := or` + strings.Repeat(` 0`, tree.MaxText/2-10) + ` %>`, ""},
		"parentheses after each other":     {`<% $x := or` + strings.Repeat(` (or)`, tree.MaxText/5-10) + ` %>`, "wrong number of args for or"},
		"a word":                           {`<% ` + strings.Repeat(`a`, tree.MaxText-10) + ` %>`, `function "aaaa`},
		"a comment":                        {`<%/* ` + strings.Repeat(`=`, tree.MaxText-20) + ` */%>`, ""},
		"calls that take a large text":     {growing(tree.MaxText/2, strings.Repeat(`<% $b = upper $b %>`, 190)), "64 MiB from all functions"},
		"comparisons that take large ones": {growing(tree.MaxText/4, `<% $c := print $b "" %>`+strings.Repeat(`<% if eq $b $c %><% end %>`, tree.MaxText/40)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			svc := loadSvc(t, with(templatetest.Files(bare), map[string]string{"svc/files/x.tmpl": tt.text}))
			_, err := svc.Render(Answers{"name": "app", "tidy": true})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %.300v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestAllTextsTogetherAreLimited(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want string
		files      int
	}{
		{strings.Repeat("<%.%>", tree.MaxText/5), "1 MiB of actions, in all texts", 2},
		{strings.Repeat("a", tree.MaxText), "32 MiB of text that is rendered, in all", 33},
	} {
		p := newParsed("x")
		for i := range tt.files {
			err := p.parse(fmt.Sprint(i), fmt.Sprint(i), tt.text)
			if last := i == tt.files-1; last != (err != nil) || last && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("file %d of %d: got %v, want %q at the last one", i, tt.files, err, tt.want)
			}
		}
	}
	svc := loadSvc(t, with(templatetest.Files(bare), map[string]string{"svc/files/x": strings.Repeat("a", tree.MaxFile+1)}))
	if err := svc.Check(); err == nil || !strings.Contains(err.Error(), "files/x: want at most 16 MiB in a file") {
		t.Errorf("got %v, want a limit", err)
	}
}
