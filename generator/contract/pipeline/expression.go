package pipeline

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"dockerflow/generator/lazyregexp"
)

// evaluate computes an expression of CircleCI, such as pipeline.git.branch == "main" or (pipeline.git.tag matches /^v/).
// It fails on what it does not know.
func (p *Reader) evaluate(text string, known map[string]string) (bool, error) {
	p.Budget.Steps(2 * len(text))
	e := expression{tokens: tokens().FindAllString(text, -1), known: known, compile: p.regexp}
	v := e.or()
	if e.err == nil && (len(e.tokens) > 0 || strings.TrimSpace(tokens().ReplaceAllString(text, "")) != "") {
		e.fail("what is after it")
	}
	return truth(v), e.err
}

var tokens = lazyregexp.New(`"(?:[^"\\]|\\.)*"|'[^']*'|/(?:[^/\\]|\\.)+/|[()]|[=!<>]=?|[\w.-]+`)

// maxExpression bounds an expression in bytes, and with that how deeply it is nested.
const maxExpression = 4096

// expression is the remaining tokens. Every method consumes the tokens that it reads.
type expression struct {
	tokens  []string
	known   map[string]string
	compile func(pattern string) (*regexp.Regexp, error)
	err     error
}

func (e *expression) fail(what string) {
	if e.err == nil {
		e.err = errors.New("unsupported expression: " + what)
	}
}

// take takes the next token if it is one of these.
func (e *expression) take(tokens ...string) (string, bool) {
	if len(e.tokens) == 0 || !slices.Contains(tokens, e.tokens[0]) {
		return "", false
	}
	t := e.tokens[0]
	e.tokens = e.tokens[1:]
	return t, true
}

func (e *expression) or() string {
	v := e.and()
	for {
		if _, ok := e.take("or"); !ok {
			return v
		}
		if right := e.and(); !truth(v) {
			v = right
		}
	}
}

func (e *expression) and() string {
	v := e.not()
	for {
		if _, ok := e.take("and"); !ok {
			return v
		}
		if right := e.not(); truth(v) {
			v = right
		}
	}
}

func (e *expression) not() string {
	if _, ok := e.take("not"); ok {
		return boolean(!truth(e.not()))
	}
	left := e.operand()
	op, ok := e.take("==", "!=", "matches", "starts-with")
	if !ok {
		return left
	}
	right := e.operand()
	switch op {
	case "==":
		return boolean(left == right)
	case "!=":
		return boolean(left != right)
	case "starts-with":
		return boolean(strings.HasPrefix(left, right))
	}
	pattern, err := e.compile(strings.ReplaceAll(strings.Trim(right, "/"), `\/`, "/"))
	if err != nil {
		e.fail(right)
		return ""
	}
	return boolean(pattern.MatchString(left))
}

func (e *expression) operand() string {
	if len(e.tokens) == 0 {
		e.fail("its end")
		return ""
	}
	if _, ok := e.take("("); ok {
		v := e.or()
		if _, ok := e.take(")"); !ok {
			e.fail("an unclosed parenthesis")
		}
		return v
	}
	t := e.tokens[0]
	e.tokens = e.tokens[1:]
	switch v, ok := e.known[t]; {
	case ok:
		return v
	case t[0] == '"' || t[0] == '\'':
		return t[1 : len(t)-1]
	case t[0] == '/' || t == "true" || t == "false":
		return t
	}
	e.fail(t)
	return ""
}

func truth(v string) bool { return v != "" && v != "false" }

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
