package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"dockerflow/generator/lazyregexp"
)

// Problem is a fault in one key of a log line.
type Problem struct {
	Key   string
	Level Level // Should, where only Timestamp would do
	Text  string
}

// String returns the key and its fault.
func (p Problem) String() string {
	if p.Key == "" {
		return p.Text
	}
	return p.Key + " " + p.Text
}

// Line is a mozlog line, as far as it can be read.
type Line struct {
	Type     string
	Severity int
	Fields   map[string]any // numbers are json.Number
}

// maxLine bounds a log line.
const maxLine = 1 << 20

// CheckLine checks a line of output, without its newline, against mozlog 2.0 key by key. A valid line has no problems.
func CheckLine(text []byte) (Line, []Problem) {
	var line Line
	if len(text) > maxLine {
		return line, []Problem{{"", Must, fmt.Sprintf("is longer than %d bytes", maxLine)}}
	}
	object, err := decode(text)
	if err != nil {
		return line, []Problem{{"", Must, "is not a JSON object: " + err.Error()}}
	}
	var problems []Problem
	for _, key := range keys {
		value, ok := object[key.name]
		switch {
		case ok:
			if want := key.want(value); want != "" {
				problems = append(problems, Problem{key.name, Must, fmt.Sprintf("is %s, want %s", show(value), want)})
			}
		case key.level != "":
			problems = append(problems, Problem{key.name, key.level, "is missing"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.ContainsFunc(keys, func(k key) bool { return k.name == name }) {
			problems = append(problems, Problem{name, Must, "is not a mozlog key: move it into Fields"})
		}
	}
	line.Type, _ = object["Type"].(string)
	line.Fields, _ = object["Fields"].(map[string]any)
	if n, ok := integer(object["Severity"]); ok {
		line.Severity = int(n)
	}
	if line.Type == "request.summary" {
		problems = append(problems, checkSummary(line.Fields)...)
	}
	return line, problems
}

// key is a key of a log line. Its want function returns what it expected, or "" for a valid value.
type key struct {
	name  string
	level Level // of its being there; empty where it may be missing
	want  func(value any) string
}

var rfc3339 = lazyregexp.New(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$`)

var keys = []key{
	{"Timestamp", Must, func(v any) string {
		// From 2001 to 2096: seconds, milliseconds and microseconds are outside.
		if n, ok := integer(v); !ok || n < 1e18 || n > 4e18 {
			return "nanoseconds since the epoch"
		}
		return ""
	}},
	{"Time", "", func(v any) string {
		if s, ok := v.(string); !ok || !rfc3339().MatchString(s) {
			return "an RFC 3339 time"
		}
		return ""
	}},
	{"Type", Should, text},
	{"Logger", Should, text},
	{"Hostname", Should, text},
	{"EnvVersion", Should, func(v any) string {
		if v != "2.0" {
			return `"2.0"`
		}
		return ""
	}},
	{"Severity", Should, func(v any) string {
		if n, ok := integer(v); !ok || !slices.Contains([]int64{2, 3, 4, 6, 7}, n) {
			return "2, 3, 4, 6 or 7"
		}
		return ""
	}},
	{"Pid", Should, func(v any) string {
		if n, ok := integer(v); !ok || n < 1 {
			return "a process id"
		}
		return ""
	}},
	{"Fields", Should, func(v any) string {
		object, ok := v.(map[string]any)
		switch {
		case !ok || len(object) == 0:
			return "a non-empty object"
		case depth(object) > 2:
			return "at most one level of nesting"
		case hasNull(object):
			return "no null values"
		}
		return ""
	}},
}

func text(v any) string {
	if s, ok := v.(string); !ok || s == "" {
		return "a non-empty string"
	}
	return ""
}

func integer(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(n.String(), 10, 64)
	return i, err == nil
}
