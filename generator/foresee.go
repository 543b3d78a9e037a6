package generator

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"
)

// elementSize is what an element of a list takes, besides its text.
const elementSize = 16

// textSize is how much memory a value takes, and printing it at least.
func textSize(v reflect.Value) int {
	switch v.Kind() {
	case reflect.Interface:
		return textSize(v.Elem())
	case reflect.String:
		return v.Len()
	case reflect.Slice:
		n := v.Len() * elementSize
		for i := range v.Len() {
			n += textSize(v.Index(i))
		}
		return n
	case reflect.Map: // the answers
		n := 0
		for i := v.MapRange(); i.Next(); {
			n += elementSize + textSize(i.Key()) + textSize(i.Value())
		}
		return n
	}
	return elementSize
}

// foresee judges a call before it takes memory: the functions here make more than their largest argument. All others make
// at most six times that, which count refuses when it is there.
func foresee(name string, args []reflect.Value, limit int) error {
	var size int
	switch name {
	case "indent", "nindent":
		size = product(int(args[0].Int()), 2+strings.Count(args[1].String(), "\n")) + args[1].Len()
	case "replace":
		size = replaced(args[0].String(), args[1].String(), args[2].String())
	case "join":
		list := args[1].Elem()
		size = textSize(list)
		if list.Kind() == reflect.Slice {
			size += product(args[0].Len(), list.Len())
		}
	case "splitList":
		size = product(elementSize, pieces(args[1].String(), args[0].String())) + args[1].Len()
	case "list":
		if err := flat(args[0]); err != nil {
			return err
		}
		size = textSize(args[0])
	case "print", "println", "html", "js", "urlquery":
		size = textSize(args[0])
	case "printf":
		pad, err := padding(args[0].String())
		if err != nil {
			return err
		}
		size = args[0].Len() + textSize(args[1]) + product(pad, elements(args[1]))
	}
	if size > limit {
		return &LimitError{What: "from one function", Limit: limit}
	}
	return nil
}

// product of two lengths does not overflow. A negative one is as good as none.
func product(a, b int) int {
	a, b = max(a, 0), max(b, 0)
	if a > 0 && b > math.MaxInt32/a {
		return math.MaxInt32
	}
	return a * b
}

func replaced(old, text, in string) int {
	return product(pieces(in, old), len(text)) + len(in)
}

// pieces is into how many a text falls.
func pieces(text, separator string) int {
	if separator == "" {
		return utf8.RuneCountInString(text) + 1
	}
	return strings.Count(text, separator) + 1
}

// flat refuses lists of lists: a list of the same list twice, again and again, would be printed exponentially.
func flat(items reflect.Value) error {
	for i := range items.Len() {
		switch item := items.Index(i).Elem(); item.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Float64:
		case reflect.Invalid:
			return errors.New("want texts, numbers and truths, not nil")
		default:
			return fmt.Errorf("want texts, numbers and truths, not %s", item.Type())
		}
	}
	return nil
}

func elements(args reflect.Value) int {
	n := 0
	for i := range args.Len() {
		n++
		if arg := args.Index(i).Elem(); arg.Kind() == reflect.Slice || arg.Kind() == reflect.Map {
			n += 2 * arg.Len() // a map has keys, too
		}
	}
	return n
}

// padding is how much a format's verbs could add to a value, at most. Refused are widths that are arguments, arguments by
// their number, of which each could be printed a thousand times, and addresses, which are others at each run.
func padding(format string) (int, error) {
	most := 0
	for rest := format; ; {
		_, verb, found := strings.Cut(rest, "%")
		if !found {
			return most, nil
		}
		end := strings.IndexFunc(verb, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.", r) })
		if end < 0 {
			return most, nil // fmt says that there is no verb
		}
		switch verb[end] {
		case '*', '[', 'p':
			return 0, fmt.Errorf("want no %%%s in a format", verb[:end+1])
		}
		pad := 0
		for number := range strings.FieldsFuncSeq(verb[:end], func(r rune) bool { return r < '0' || r > '9' }) {
			n := 0
			for _, digit := range number {
				n = min(n*10+int(digit-'0'), math.MaxInt32)
			}
			pad += n
		}
		most = max(most, pad)
		rest = verb[end+1:]
	}
}
