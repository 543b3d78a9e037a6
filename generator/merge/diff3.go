package merge

import (
	"bytes"
	"slices"
	"strings"

	"dockerflow/generator/budget"
	"dockerflow/generator/tree"
)

// Labels name the sides at conflict markers.
type Labels struct{ Ours, Base, Theirs string }

// region is a part of a merge, as line ranges of each side.
type region struct {
	base, ours, theirs [2]int
	from               byte // 'o' or 't' if one side changed it, '!' for a conflict, 'b' if nobody changed it
}

// regions joins two diffs from one base. Changes that touch each other, without an unchanged line between them, form
// one region. It is a conflict unless both sides made the same change.
func regions(base, ours, theirs []int, mine, yours []hunk) (all []region) {
	shift := [2]int{} // the position of a base line on each side, before the next change
	at := 0
	unchanged := func(to int) {
		if at < to {
			all = append(all, region{[2]int{at, to}, [2]int{at + shift[0], to + shift[0]}, [2]int{at + shift[1], to + shift[1]}, 'b'})
		}
	}
	for len(mine) > 0 || len(yours) > 0 {
		lo, hi, from := nextRegion(&mine, &yours)
		unchanged(lo)
		r := region{base: [2]int{lo, hi}, from: from.kind}
		for i, span := range []*[2]int{&r.ours, &r.theirs} {
			span[0] = lo + shift[i]
			shift[i] += from.grown[i]
			span[1] = hi + shift[i]
		}
		if r.from == '!' && slices.Equal(ours[r.ours[0]:r.ours[1]], theirs[r.theirs[0]:r.theirs[1]]) {
			r.from = 'o'
		}
		all = append(all, r)
		at = hi
	}
	unchanged(len(base))
	return all
}

type origin struct {
	kind  byte
	grown [2]int // how many lines each side is longer than the base
}

// nextRegion removes the changes that touch each other from both lists.
func nextRegion(mine, yours *[]hunk) (lo, hi int, from origin) {
	sides := [2]*[]hunk{mine, yours}
	kinds := [2]byte{'o', 't'}
	lo = -1
	for again := true; again; {
		again = false
		for i, side := range sides {
			if len(*side) == 0 {
				continue
			}
			h, other := (*side)[0], *sides[1-i]
			first := lo < 0 && (len(other) == 0 || h.aLo <= other[0].aLo)
			if !first && (lo < 0 || h.aLo > hi) {
				continue
			}
			if first {
				lo, hi, from.kind = h.aLo, h.aHi, kinds[i]
			} else if from.kind != kinds[i] {
				from.kind = '!'
			}
			hi = max(hi, h.aHi)
			from.grown[i] += h.bHi - h.bLo - (h.aHi - h.aLo)
			*side, again = (*side)[1:], true
		}
	}
	return lo, hi, from
}

// Text merges by lines, and returns the result and the number of conflicts marked in it. Unchanged lines stay as
// they are in ours, including their line endings. Lines from the other side get the line endings of ours.
func Text(limit *budget.Budget, base, ours, theirs []byte, labels Labels) ([]byte, int) {
	keys := lineKeys{}
	b, o, t := keys.split(base), keys.split(ours), keys.split(theirs)
	w := newMarker(labels, b, o, t)
	w.three = true
	for _, r := range regions(b.keys, o.keys, t.keys, diff(limit, b.keys, o.keys), diff(limit, b.keys, t.keys)) {
		w.region(r)
	}
	return w.out.Bytes(), w.conflicts
}

// mergeTwo marks all differences between two texts without a base.
func mergeTwo(limit *budget.Budget, ours, theirs []byte, labels Labels) ([]byte, int) {
	keys := lineKeys{}
	o, t := keys.split(ours), keys.split(theirs)
	w := newMarker(labels, lines{end: t.end}, o, t)
	at := 0
	for _, h := range diff(limit, o.keys, t.keys) {
		w.region(region{ours: [2]int{at, h.aLo}, from: 'o'})
		w.region(region{ours: [2]int{h.aLo, h.aHi}, theirs: [2]int{h.bLo, h.bHi}, from: '!'})
		at = h.aHi
	}
	w.region(region{ours: [2]int{at, len(o.keys)}, from: 'o'})
	return w.out.Bytes(), w.conflicts
}

// marker writes a merged text with conflict markers.
type marker struct {
	labels             Labels
	base, ours, theirs lines
	three              bool   // whether to show the base
	change             string // line ending for lines that are not from ours, or "" to keep theirs
	end                string // of the markers
	size               int
	out                bytes.Buffer
	conflicts          int
}

func newMarker(labels Labels, base, ours, theirs lines) *marker {
	w := &marker{labels: labels, base: base, ours: ours, theirs: theirs, end: "\n", size: markerSize}
	if ours.end != "" && base.end != "" && ours.end != base.end && theirs.end == base.end {
		w.change = ours.end
	}
	if ours.end == "\r\n" || ours.end == "" && theirs.end == "\r\n" {
		w.end = "\r\n"
	}
	for _, l := range []lines{base, ours, theirs} {
		for _, line := range l.text {
			if n := markerLen(line); n >= w.size {
				w.size = n + 1
			}
		}
	}
	return w
}

func (w *marker) region(r region) {
	switch r.from {
	case 'b', 'o':
		w.put(w.ours.text[r.ours[0]:r.ours[1]], "")
	case 't':
		w.put(w.theirs.text[r.theirs[0]:r.theirs[1]], w.change)
	default:
		w.conflicts++
		w.mark('<', w.labels.Ours)
		w.put(w.ours.text[r.ours[0]:r.ours[1]], "")
		if w.three {
			w.mark('|', w.labels.Base)
			w.put(w.base.text[r.base[0]:r.base[1]], w.change)
		}
		w.mark('=', "")
		w.put(w.theirs.text[r.theirs[0]:r.theirs[1]], w.change)
		w.mark('>', w.labels.Theirs)
	}
}

func (w *marker) put(text [][]byte, end string) {
	for _, line := range text {
		w.out.Write(tree.WithEnd(line, end))
	}
}

func (w *marker) mark(c byte, label string) {
	if n := w.out.Len(); n > 0 && w.out.Bytes()[n-1] != '\n' {
		w.out.WriteString(w.end)
	}
	w.out.WriteString(strings.Repeat(string(c), w.size))
	if label != "" {
		w.out.WriteString(" " + label)
	}
	w.out.WriteString(w.end)
}

// markerSize is the size that git uses and that editors recognize.
const markerSize = 7

// markerLen returns the length of the marker that a line looks like. Our markers must be longer than those that the
// text already contains.
func markerLen(line []byte) int {
	if len(line) < markerSize || !strings.ContainsRune("<|=>", rune(line[0])) {
		return 0
	}
	rest := bytes.TrimLeft(line, string(line[:1]))
	if len(rest) > 0 && !strings.ContainsRune(" \r\n", rune(rest[0])) {
		return 0
	}
	return len(line) - len(rest)
}
