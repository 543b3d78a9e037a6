package image

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// variables are the service's variables from the user. A value may be a secret, so it is in no command line, which every
// process on the machine can read, and never printed. It is not in the engine's environment either, where a PATH or a
// DOCKER_HOST would change the engine's behaviour.
type variables struct {
	file   bytes.Buffer // NAME=VALUE, a line each: what --env-file takes
	names  []string     // of those that the engine has in its environment, as this program has
	hidden []hidden     // the longest first
}

// hidden is a form in which a value may be printed, and its replacement.
type hidden struct{ text, name string }

// What a line of an --env-file may have: engines read lines of up to 64 KiB.
const maxVariable = 60_000

// newVariables reads those that are given as NAME=VALUE, or as NAME for the value that it has here. Its errors name no
// value.
func newVariables(given []string) (*variables, error) {
	v := &variables{}
	for _, text := range given {
		name, value, hasValue := strings.Cut(text, "=")
		inherited, isSet := os.LookupEnv(name)
		switch {
		case name == "" || strings.HasPrefix(name, "#") || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }):
			return nil, &Failure{fmt.Errorf("variable %+q: want NAME=VALUE", name), "such as DATABASE_URL=postgres://db/app"}
		case name == "PORT" || strings.HasPrefix(name, "STATSD_"):
			return nil, &Failure{fmt.Errorf("variable %s: the check sets it itself", name), "leave it out"}
		case !hasValue && !isSet:
			return nil, &Failure{fmt.Errorf("variable %s: it is not set here", name), "export it, or give it as " + name + "=VALUE"}
		case !hasValue:
			v.names, value = append(v.names, name), inherited
		case strings.ContainsAny(value, "\r\n\x00") || !utf8.ValidString(value) || len(text) > maxVariable:
			return nil, &Failure{
				fmt.Errorf("variable %s: want one line of UTF-8 text of at most %d bytes", name, maxVariable),
				"for any other value, export it, and give --env " + name,
			}
		default:
			fmt.Fprintf(&v.file, "%s=%s\n", name, value)
		}
		v.hide(name, value)
	}
	slices.SortStableFunc(v.hidden, func(a, b hidden) int { return cmp.Compare(len(b.text), len(a.text)) })
	return v, nil
}

// least is how long a value must be to be hidden wherever it is. A shorter one, such as 1 or on, is in every text; it is
// hidden where its name is before it.
const least = 4

// hide notes the forms in which a value may be printed: as it is, quoted by some rules, in a URL, or a line at a time.
func (v *variables) hide(name, value string) {
	add := func(text, instead string) {
		if !slices.ContainsFunc(v.hidden, func(h hidden) bool { return h.text == text }) {
			v.hidden = append(v.hidden, hidden{text, instead})
		}
	}
	quoted, _ := json.Marshal(value) // fails for no text
	forms := []string{
		value, strconv.Quote(value), strconv.QuoteToASCII(value), string(quoted), url.QueryEscape(value), url.PathEscape(value),
		strings.ReplaceAll(value, "'", `'\''`), strings.Join(strings.Fields(value), " "),
	}
	for _, form := range append(forms, strings.Split(value, "\n")...) {
		form = strings.Trim(form, "\"\r")
		if len(form) >= least {
			add(form, "$"+name)
		} else if form != "" {
			add(name+"="+form, name+"=$"+name)
		}
	}
}

// without is a text without the values. One that was cut short, as messages are, is hidden by its beginning.
func (v *variables) without(text string) string {
	if v == nil {
		return text
	}
	for _, h := range v.hidden {
		text = strings.ReplaceAll(text, h.text, h.name)
	}
	for _, h := range v.hidden {
		text = h.withoutBeginning(text)
	}
	return text
}

// withoutBeginning replaces the part of the value that is left in a truncated text.
func (h hidden) withoutBeginning(text string) string {
	if len(h.text) <= 2*least {
		return text
	}
	for at := 0; ; at++ {
		i := strings.Index(text[at:], h.text[:2*least])
		if i < 0 {
			return text
		}
		at += i
		end := at
		for end < len(text) && end-at < len(h.text) && text[end] == h.text[end-at] {
			end++
		}
		if end == len(text) || strings.HasPrefix(text[end:], "…") {
			text = text[:at] + h.name + text[end:]
		}
	}
}

// pass is how the engine gets the variables: its arguments and its input. Call remove when it has ended.
func (v *variables) pass() (args []string, in io.Reader, remove func(), err error) {
	for _, name := range v.names {
		args = append(args, "--env", name)
	}
	if v.file.Len() == 0 {
		return args, nil, func() {}, nil
	}
	path, in, remove, err := envFile(v.file.Bytes())
	return append(args, "--env-file", path), in, remove, err
}
