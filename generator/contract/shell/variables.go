package shell

import (
	"cmp"
	"slices"
)

// Variables is the known environment at one point of a Dockerfile or a script. All points of a stage share one history,
// so keeping the environment of every step needs no copies.
type Variables struct {
	outer   *Variables // of the stage below, or of what runs the script
	history *history   // nil: nothing was set here
	at      int        // how many settings of the history count
}

// history is all that one stage or script sets, by name.
type history struct {
	values map[string][]valueFrom
	length int
}

// valueFrom is a value of a variable, and how many settings of any variable came before it.
type valueFrom struct {
	before int
	value  string
}

// Get returns a variable's value, and whether it is known.
func (v Variables) Get(name string) (string, bool) {
	for p := &v; p != nil; p = p.outer {
		if p.history == nil {
			continue
		}
		all := p.history.values[name]
		n, _ := slices.BinarySearchFunc(all, p.at, func(s valueFrom, at int) int { return cmp.Compare(s.before, at) })
		if n > 0 {
			return all[n-1].value, true
		}
	}
	return "", false
}

// Value is that of a variable, or empty where it is not known.
func (v Variables) Value(name string) string {
	value, _ := v.Get(name)
	return value
}

// Set sets a variable for this point and those that follow. Points that were kept before do not see it.
func (v *Variables) Set(name, value string) {
	if v.history != nil && v.at != v.history.length { // another point went on from here
		*v = v.Inner()
	}
	if v.history == nil {
		v.history = &history{values: map[string][]valueFrom{}}
	}
	v.history.values[name] = append(v.history.values[name], valueFrom{v.history.length, value})
	v.history.length++
	v.at = v.history.length
}

// Inner returns the environment of a nested script: it sees these variables, and its own settings stay local.
func (v Variables) Inner() Variables {
	v = v.Point()
	return Variables{outer: &v}
}

// Point is the same for all environments in which nothing was set since the same point.
func (v Variables) Point() Variables {
	for v.history == nil && v.outer != nil {
		v = *v.outer
	}
	return v
}
