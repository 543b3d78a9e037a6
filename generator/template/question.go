package template

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dockerflow/generator/glyph"
	"dockerflow/generator/tree"
)

// Question is a question of a template. It becomes a flag, a prompt, a key of the answers file, and a variable in the
// template's files.
type Question struct {
	Name     string   `yaml:"name" json:"name"`
	Ask      string   `yaml:"ask" json:"ask"`
	Hint     string   `yaml:"hint" json:"hint,omitempty"`
	Group    string   `yaml:"group" json:"group,omitempty"` // the title of its page in the form
	Type     string   `yaml:"type" json:"type"`             // string, int, bool or choice
	Default  string   `yaml:"default" json:"default,omitempty"`
	Pattern  string   `yaml:"pattern" json:"pattern,omitempty"` // matches the whole text of a string
	Max      int      `yaml:"max" json:"max,omitempty"`         // maximum length of a string, in characters
	Choices  []Choice `yaml:"choices" json:"choices,omitempty"`
	Required bool     `yaml:"required" json:"required,omitempty"` // there is no default

	reserved map[string]string              // words that cannot be the answer, and why
	barred   []barred                       // patterns for such words
	fixed    bool                           // the template answers it, with Default
	compiled func() (*regexp.Regexp, error) // Pattern, compiled once for all copies; nil before prepare
}

// barred is a pattern for whole texts that cannot be the answer.
type barred struct {
	pattern func() (*regexp.Regexp, error) // compiled once for all copies
	because string
}

// Choice is a valid answer to a choice question.
type Choice struct {
	Value string `yaml:"value" json:"value"`
	About string `yaml:"about" json:"about,omitempty"`
}

// Values returns the valid answers to a choice question.
func (q Question) Values() []string {
	var values []string
	for _, c := range q.Choices {
		values = append(values, c.Value)
	}
	return values
}

// AnswerError reports an answer that is not valid, and what is.
type AnswerError struct {
	Name, Value string // the question and the answer
	Want        string // what is valid
	Try         string // a valid answer similar to Value, or ""
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf("--%s %s: %s", e.Name, tree.Shorten(e.Value), e.Want)
}

// defaultMax is the maximum length of an answer if the question sets none.
const defaultMax = 200

// Parse converts the text of an answer to its value (string, int or bool). All answers are validated here, wherever
// they come from. Its error is an *AnswerError.
func (q Question) Parse(s string) (any, error) {
	v, want := q.parse(s)
	if want == "" {
		return v, nil
	}
	e := &AnswerError{Name: q.Name, Value: s, Want: want}
	if try := q.nearest(s); try != s {
		if _, w := q.parse(try); w == "" {
			e.Try = try
		}
	}
	return nil, e
}

func (q Question) parse(s string) (v any, want string) {
	switch q.Type {
	case "int":
		if n, err := strconv.Atoi(s); err == nil {
			return n, ""
		}
		return nil, "want a whole number"
	case "bool":
		if b, err := strconv.ParseBool(s); err == nil {
			return b, ""
		}
		return nil, "want true or false"
	case "choice":
		if slices.Contains(q.Values(), s) {
			return s, ""
		}
		return nil, "want one of " + strings.Join(q.Values(), ", ")
	}
	return s, q.wantText(s)
}

func (q Question) wantText(s string) string {
	limit := q.Max
	if limit == 0 {
		limit = defaultMax
	}
	r, hidden := glyph.Hidden(s)
	switch {
	case s == "":
		return "want " + q.text()
	case !utf8.ValidString(s):
		return "want UTF-8 text"
	case hidden:
		return fmt.Sprintf("want one line of printable text, without %U", r)
	case utf8.RuneCountInString(s) > limit:
		return fmt.Sprintf("want at most %d characters", limit)
	case strings.TrimSpace(s) != s:
		return "want no space before or after it"
	case q.Pattern != "" && !q.matches(s):
		return "want " + q.text()
	case q.reserved[s] != "":
		return fmt.Sprintf("want another one: %q %s", s, q.reserved[s])
	}
	for _, r := range q.barred {
		if re, err := r.pattern(); err != nil || re.MatchString(s) {
			return fmt.Sprintf("want another one: %q %s", s, r.because)
		}
	}
	return ""
}

func (q Question) text() string {
	if q.Pattern != "" && q.Hint != "" {
		return q.Hint
	}
	return "some text"
}

// matches compiles the pattern when it is needed: most commands load questions and validate no answer.
func (q Question) matches(s string) bool {
	re, err := q.pattern()
	return err == nil && re.MatchString(s)
}

func (q Question) pattern() (*regexp.Regexp, error) {
	if q.compiled != nil {
		return q.compiled()
	}
	return compile(q.Pattern)
}

// compile refuses a pattern that would be slow to match: a short pattern can have millions of states.
func compile(pattern string) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if states(parsed) > maxRegexp {
		return nil, &tree.LimitError{What: "states in a pattern", Limit: maxRegexp}
	}
	return regexp.Compile(`^(?:` + pattern + `)$`)
}

func states(re *syntax.Regexp) int {
	n := 1
	for _, sub := range re.Sub {
		n = min(n+states(sub), maxRegexp+1)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpRepeat:
		n = product(n-1, max(re.Min, re.Max))
	}
	return n
}

// nearest returns what was probably meant.
func (q Question) nearest(s string) string {
	switch {
	case q.Type == "choice":
		low := strings.ToLower(strings.TrimSpace(s))
		for _, v := range q.Values() {
			if l := strings.ToLower(v); low != "" && (strings.HasPrefix(l, low) || strings.HasPrefix(low, l)) {
				return v
			}
		}
	case q.Pattern != "" && len(s) < 1000:
		word := Slug(s)
		if q.reserved[word] != "" {
			word += "-service"
		}
		return word
	}
	return strings.TrimSpace(s)
}

// Slug converts any text to a name: lower-case letters, digits and single hyphens.
func Slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}
