package contract

import (
	"encoding/json"
	"strings"

	"dockerflow/generator/lazyregexp"
)

// method matches what HTTP allows as one.
var method = lazyregexp.New(`^[!#$%&'*+.^_|~0-9A-Za-z-]+$`)

// summaryFields lists the fields of a request.summary, with the value that each requires.
var summaryFields = []key{
	{"agent", Must, anyText},
	{"errno", Must, func(v any) string {
		if n, ok := integer(v); !ok || n < 0 {
			return "0, or the HTTP status of a failure"
		}
		return ""
	}},
	{"method", Must, func(v any) string {
		if s, ok := v.(string); !ok || !method().MatchString(s) {
			return "a method"
		}
		return ""
	}},
	{"path", Must, func(v any) string {
		if s, ok := v.(string); !ok || !strings.HasPrefix(s, "/") && s != "*" || strings.Contains(s, "?") {
			return "a path without its query"
		}
		return ""
	}},
	{"code", Must, func(v any) string {
		if n, ok := integer(v); !ok || n < 100 || n > 599 {
			return "an HTTP status"
		}
		return ""
	}},
	{"lang", Must, anyText},
	{"uid", Must, anyText},
	{"rid", Must, text},
	{"t", Must, func(v any) string {
		n, ok := v.(json.Number)
		if f, err := n.Float64(); !ok || err != nil || f < 0 {
			return "milliseconds"
		}
		return ""
	}},
}

func anyText(v any) string {
	if _, ok := v.(string); !ok {
		return "a non-empty string"
	}
	return ""
}

// checkSummary checks the Fields of a request.summary. Additional fields are allowed.
func checkSummary(fields map[string]any) []Problem {
	var problems []Problem
	for _, f := range summaryFields {
		value, ok := fields[f.name]
		if !ok {
			problems = append(problems, Problem{"Fields." + f.name, f.level, "is missing"})
		} else if want := f.want(value); want != "" {
			problems = append(problems, Problem{"Fields." + f.name, f.level, "is " + show(value) + ", want " + want})
		}
	}
	code, ok := integer(fields["code"])
	errno, ok2 := integer(fields["errno"])
	if ok && ok2 && (code < 400 && errno != 0 || code >= 400 && errno != code) {
		problems = append(problems, Problem{"Fields.errno", Must, "does not match the code: want 0 for success, otherwise the code"})
	}
	return problems
}
