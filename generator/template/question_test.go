package template

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	nameQuestion = Question{
		Name: "name", Type: "string", Pattern: `[a-z][a-z0-9]*(-[a-z0-9]+)*`, Max: 63,
		Hint:     "lower-case letters, digits and hyphens",
		reserved: map[string]string{"con": "is a device name on Windows", "import": "is a keyword"},
	}
	textQuestion   = Question{Name: "description", Type: "string"}
	intQuestion    = Question{Name: "port", Type: "int"}
	boolQuestion   = Question{Name: "metrics", Type: "bool"}
	choiceQuestion = Question{Name: "ci", Type: "choice", Choices: []Choice{{Value: "circleci"}, {Value: "github"}, {Value: "MIT"}}}
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		q    Question
		in   string
		want any
	}{
		{"a name", nameQuestion, "my-app2", "my-app2"},
		{"a name of the greatest length", nameQuestion, strings.Repeat("a", 63), strings.Repeat("a", 63)},
		{"a name that begins like a reserved one", nameQuestion, "console", "console"},
		{"a text with the default length", textQuestion, strings.Repeat("é", defaultMax), strings.Repeat("é", defaultMax)},
		{"quotes", textQuestion, `"it's" ` + "`so`", `"it's" ` + "`so`"},
		{"every template language's brackets", textQuestion, `<% .x %> {{ .x }} ${x} $(x) << x >> [[ x ]]`, `<% .x %> {{ .x }} ${x} $(x) << x >> [[ x ]]`},
		{"backslashes, one at the end", textQuestion, `C:\new\`, `C:\new\`},
		{"emoji joined by U+200D", textQuestion, "by 👩\u200d💻 and 👨\u200d👩\u200d👧", "by 👩\u200d💻 and 👨\u200d👩\u200d👧"},
		{"emoji with a variation selector and a skin tone", textQuestion, "❤\ufe0f 👍🏽", "❤\ufe0f 👍🏽"},
		{"scripts from right to left", textQuestion, "שלום مرحبا", "שלום مرحبا"},
		{"a combining mark", textQuestion, "e\u0301", "e\u0301"},
		{"a text that reads like a number", textQuestion, "1e3", "1e3"},
		{"an int", intQuestion, "8000", 8000},
		{"a negative int", intQuestion, "-1", -1},
		{"true", boolQuestion, "true", true},
		{"false", boolQuestion, "false", false},
		{"another spelling of true", boolQuestion, "1", true},
		{"a choice", choiceQuestion, "github", "github"},
		{"a choice in upper case", choiceQuestion, "MIT", "MIT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.q.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const (
		line  = "want one line of printable text"
		name  = "want lower-case letters, digits and hyphens"
		space = "want no space before or after it"
	)
	tests := []struct {
		name string
		q    Question
		in   string
		want string // the Want of the error
		try  string
	}{
		{"an empty name", nameQuestion, "", name, ""},
		{"an empty text", textQuestion, "", "want some text", ""},
		{"a name one too long", nameQuestion, strings.Repeat("a", 64), "want at most 63 characters", ""},
		{"a text one too long, counted in characters", textQuestion, strings.Repeat("é", defaultMax+1), "want at most 200 characters", ""},
		{"10,000 characters of text", textQuestion, strings.Repeat("a", 10_000), "want at most 200 characters", ""},
		{"10,000 characters of name", nameQuestion, strings.Repeat("a", 10_000), "want at most 63 characters", ""},
		{"a reserved name, with its reason", nameQuestion, "con", `want another one: "con" is a device name on Windows`, "con-service"},
		{"a reserved name spelt otherwise", nameQuestion, "Import", name, "import-service"},
		{"a name with spaces", nameQuestion, "My App", name, "my-app"},
		{"a name in upper case", nameQuestion, "MyApp", name, "myapp"},
		{"a name with a slash", nameQuestion, "a/b", name, "a-b"},
		{"a name with a backslash", nameQuestion, `a\b`, name, "a-b"},
		{"a name with a parent path", nameQuestion, "../../etc/passwd", name, "etc-passwd"},
		{"two dots", nameQuestion, "..", name, ""},
		{"a name with quotes", nameQuestion, `a"b'c`, name, "a-b-c"},
		{"a name that is a shell's command", nameQuestion, "$(reboot)", name, "reboot"},
		{"a name that is a flag", nameQuestion, "--name", name, "name"},
		{"a name that begins with a digit: no proposal, for the slug would be refused too", nameQuestion, "1 app", name, ""},
		{"a name with a double hyphen", nameQuestion, "a--b", name, "a-b"},
		{"a name with a newline", nameQuestion, "a\nb", line, "a-b"},
		{"a name that ends in a newline, which $ might let through", nameQuestion, "app\n", line, "app"},
		{"a name with emoji", nameQuestion, "app🚀", name, "app"},
		{"a name of emoji alone", nameQuestion, "🚀", name, ""},
		{"a name with a joiner", nameQuestion, "a\u200db", line, "a-b"},
		{"a name in letters of another script", nameQuestion, "аpp", name, "pp"},
		{"a text with a newline", textQuestion, "a\nb", line, ""},
		{"a text with a carriage return", textQuestion, "a\rb", line, ""},
		{"a text with a tab", textQuestion, "a\tb", line, ""},
		{"a text with NUL", textQuestion, "a\x00b", line, ""},
		{"a text with an escape sequence", textQuestion, "\x1b[31mred", line, ""},
		{"a text with DEL", textQuestion, "a\x7fb", line, ""},
		{"a text with a C1 control", textQuestion, "a\u0085b", line, ""},
		{"a text with a line separator", textQuestion, "a\u2028b", line, ""},
		{"a text with a paragraph separator", textQuestion, "a\u2029b", line, ""},
		{"a text with a byte order mark", textQuestion, "\ufeffa", line, ""},
		{"a text with a zero-width space", textQuestion, "a\u200bb", line, ""},
		{"a text with a soft hyphen", textQuestion, "a\u00adb", line, ""},
		{"a text with a noncharacter", textQuestion, "a\uffffb", line, ""},
		{"a text with invalid UTF-8", textQuestion, "a\xffb", "want UTF-8 text", ""},
		{"a text with an encoded surrogate", textQuestion, "a\xed\xa0\x80b", "want UTF-8 text", ""},
		{"a name with invalid UTF-8", nameQuestion, "a\xffb", "want UTF-8 text", "a-b"},
		{"a leading space", textQuestion, " a", space, "a"},
		{"a trailing space", textQuestion, "a ", space, "a"},
		{"a trailing no-break space", textQuestion, "a\u00a0", space, "a"},
		{"a trailing newline", textQuestion, "a\n", line, "a"},
		{"spaces alone", textQuestion, "  ", space, ""},
		{"no int", intQuestion, "eighty", "want a whole number", ""},
		{"an empty int", intQuestion, "", "want a whole number", ""},
		{"a fraction", intQuestion, "1.5", "want a whole number", ""},
		{"an int out of range", intQuestion, "9223372036854775808", "want a whole number", ""},
		{"an int in other digits", intQuestion, "٣", "want a whole number", ""},
		{"an int with a space", intQuestion, " 80", "want a whole number", "80"},
		{"no bool", boolQuestion, "yes", "want true or false", ""},
		{"an empty bool", boolQuestion, "", "want true or false", ""},
		{"a bool with a space", boolQuestion, "true ", "want true or false", "true"},
		{"no choice", choiceQuestion, "jenkins", "want one of circleci, github, MIT", ""},
		{"an empty choice", choiceQuestion, "", "want one of circleci, github, MIT", ""},
		{"the beginning of a choice", choiceQuestion, "git", "want one of circleci, github, MIT", "github"},
		{"a choice in another case", choiceQuestion, " mit", "want one of circleci, github, MIT", "MIT"},
		{"more than a choice", choiceQuestion, "github-actions", "want one of circleci, github, MIT", "github"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := tt.q.Parse(tt.in)
			var got *AnswerError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, %v; want an AnswerError", v, err)
			}
			got.Want, _, _ = strings.Cut(got.Want, ", without U+") // the index of the character
			if diff := cmp.Diff(&AnswerError{tt.q.Name, tt.in, tt.want, tt.try}, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got.Try != "" {
				if _, err := tt.q.Parse(got.Try); err != nil {
					t.Errorf("the suggestion is refused: %v", err)
				}
			}
		})
	}
}

// The characters of Trojan Source attacks must not get into a file that is reviewed.
func TestParseRefusesBidiControls(t *testing.T) {
	t.Parallel()
	for _, r := range "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" {
		if v, err := textQuestion.Parse("a" + string(r) + "b"); err == nil {
			t.Errorf("%U: got %q, want an error", r, v)
		}
	}
}

func TestAnswerErrorIsOneShortPrintableLine(t *testing.T) {
	t.Parallel()
	_, err := textQuestion.Parse("\x1b[2J\n\u202e" + strings.Repeat("é", 10_000))
	got := err.Error()
	if !strings.HasPrefix(got, `--description "\x1b[2J\n\u202e`) || !strings.HasSuffix(got, `…": want one line of printable text, without U+001B`) {
		t.Errorf("got %q, want the flag, the quoted value and what is valid", got)
	}
	if len(got) > 300 || hides(got) {
		t.Errorf("got %d bytes %q, want a short printable line", len(got), got)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"words are joined", "My  Great App", "my-great-app"},
		{"separators at the ends", "--a_b!!", "a-b"},
		{"letters outside ASCII separate", "naïve", "na-ve"},
		{"empty result", "…", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Slug(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
