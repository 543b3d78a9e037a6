package output

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"

	"dockerflow/generator/glyph"
)

// JSON prints v. It escapes what a terminal or a runner could act on, which does not change the values.
func (s *Stream) JSON(v any) error {
	text, err := marshal("", v)
	if err == nil {
		s.write(text + "\n")
	}
	return err
}

func marshal(prefix string, v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	out := make([]byte, 0, b.Len())
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		switch {
		case r == '\n' || glyph.Shows(r):
			out = utf8.AppendRune(out, r)
		case r > 0xFFFF:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return breakBrackets(string(out), `\u005b`), nil
}

// List prints a JSON array one element at a time.
type List struct {
	Stream *Stream
	some   bool
}

// Add prints an element.
func (l *List) Add(v any) error {
	text, err := marshal("  ", v)
	if err != nil {
		return err
	}
	before := "[\n  "
	if l.some {
		before = ",\n  "
	}
	l.some = true
	l.Stream.write(before + text)
	return nil
}

// End prints the end of the array.
func (l *List) End() {
	if l.some {
		l.Stream.write("\n]\n")
	} else {
		l.Stream.write("[]\n")
	}
}

// XML prints v. Its texts must be clean, because XML has no escapes for control characters.
func (s *Stream) XML(v any) error {
	data, err := xml.MarshalIndent(v, "", "  ")
	if err == nil {
		s.write(xml.Header + breakBrackets(string(data), "&#91;") + "\n")
	}
	return err
}

// Annotation is a message that GitHub shows at a line of a file.
type Annotation struct {
	Level string // error, warning or notice
	File  string // or ""
	Line  int    // or 0
	Title string
	Lines []string // the text
}

// GitHub reads ::command name=value,…::text, with these escapes.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Annotate prints an annotation. It is the only method that prints a runner's command.
func (s *Stream) Annotate(a Annotation) {
	var properties []string
	if a.File != "" {
		properties = append(properties, "file="+githubProperty.Replace(glyph.Line(a.File)))
		if a.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", a.Line))
		}
	}
	properties = append(properties, "title="+githubProperty.Replace(glyph.Line(a.Title)))
	lines := make([]string, len(a.Lines))
	for i, line := range a.Lines {
		lines[i] = githubData.Replace(glyph.Line(line))
	}
	s.write(breakBrackets("::"+a.Level+" "+strings.Join(properties, ",")+"::"+strings.Join(lines, "%0A"), `\[`) + "\n")
}
