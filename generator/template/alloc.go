package template

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"dockerflow/generator/tree"
)

// elementSize is the size of a list's element without its text. It also limits the number of elements.
const elementSize = 16

// textSize returns how much memory a value takes, at least, when it is printed.
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

// checkAlloc checks a call before it allocates memory. Some functions take any number of arguments, all of which can
// be the same large one, and the functions named here return far more than they are given. All other results are at
// most six times as large as the arguments, or are lists with as many elements; count checks those afterwards.
func checkAlloc(name string, args []reflect.Value, variadic bool, limit int) error {
	size := 0
	if variadic {
		size = textSize(args[len(args)-1])
	}
	switch name {
	case "list":
		if err := flat(args[0]); err != nil {
			return err
		}
	case "indent", "nindent":
		size = product(int(args[0].Int()), 2+strings.Count(args[1].String(), "\n")) + args[1].Len()
	case "replace":
		size = product(strings.Count(args[2].String(), args[0].String()), args[1].Len()) + args[2].Len()
	case "join":
		size = textSize(args[1])
		if list := args[1].Elem(); list.Kind() == reflect.Slice {
			size += product(args[0].Len(), list.Len())
		}
	case "printf":
		pad, err := padding(args[0].String())
		if err != nil {
			return err
		}
		size += args[0].Len() + product(pad, size/elementSize)
	}
	if size > limit {
		return &tree.LimitError{What: "from one function", Limit: limit}
	}
	return nil
}

// product returns the product of two lengths without overflow. A negative length counts as zero.
func product(a, b int) int {
	a, b = max(a, 0), max(b, 0)
	if a > 0 && b > math.MaxInt32/a {
		return math.MaxInt32
	}
	return a * b
}

// flat refuses lists of lists: a list that contains another one twice, repeatedly, would be printed at exponential
// length.
func flat(items reflect.Value) error {
	for i := range items.Len() {
		switch item := items.Index(i).Elem(); item.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Float64:
		case reflect.Invalid:
			return errors.New("want texts, numbers and booleans, not nil")
		default:
			return fmt.Errorf("want texts, numbers and booleans, not %s", item.Type())
		}
	}
	return nil
}

// padding returns how much a format's verbs can add to a value, at most. It refuses widths from arguments; arguments
// by index, of which each could be printed a thousand times; and pointers, which differ in each run.
func padding(format string) (int, error) {
	most := 0
	for rest := format; ; {
		_, verb, found := strings.Cut(rest, "%")
		if !found {
			return most, nil
		}
		end := strings.IndexFunc(verb, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.", r) })
		if end < 0 {
			return most, nil // fmt reports the missing verb
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
