package merge

import "dockerflow/generator/budget"

// hunk reports that the lines a[aLo:aHi] became b[bLo:bHi].
type hunk struct{ aLo, aHi, bLo, bHi int }

// diff finds a shortest edit from a to b: Myers' algorithm in linear space. Both slices contain line keys. When the
// budget is used up, everything between the first and the last difference counts as changed, which is still correct.
func diff(limit *budget.Budget, a, b []int) []hunk {
	d := differ{budget: limit, a: a, b: b, aChanged: make([]bool, len(a)), bChanged: make([]bool, len(b))}
	aLo, aHi, bLo, bHi := d.trim(0, len(a), 0, len(b))
	err := limit.Do(func() {
		d.compare(aLo, aHi, bLo, bHi)
		slide(limit, a, d.aChanged, gaps(d.bChanged))
		slide(limit, b, d.bChanged, gaps(d.aChanged))
	})
	if err != nil {
		clear(d.aChanged)
		clear(d.bChanged)
		mark(d.aChanged[aLo:aHi])
		mark(d.bChanged[bLo:bHi])
	}
	return hunks(d.aChanged, d.bChanged)
}

type differ struct {
	budget             *budget.Budget
	a, b               []int
	aChanged, bChanged []bool
	forward, backward  []int
}

// compare marks the differences between a[aLo:aHi] and b[bLo:bHi].
func (d *differ) compare(aLo, aHi, bLo, bHi int) {
	aLo, aHi, bLo, bHi = d.trim(aLo, aHi, bLo, bHi)
	x, y, ok := 0, 0, false
	if aLo < aHi && bLo < bHi {
		x, y, ok = d.middle(d.a[aLo:aHi], d.b[bLo:bHi])
	}
	if !ok {
		mark(d.aChanged[aLo:aHi])
		mark(d.bChanged[bLo:bHi])
		return
	}
	d.compare(aLo, aLo+x, bLo, bLo+y)
	d.compare(aLo+x, aHi, bLo+y, bHi)
}

// trim skips equal lines at the beginning and at the end.
func (d *differ) trim(aLo, aHi, bLo, bHi int) (aFrom, aTo, bFrom, bTo int) {
	for aLo < aHi && bLo < bHi && d.a[aLo] == d.b[bLo] {
		aLo, bLo = aLo+1, bLo+1
	}
	for aLo < aHi && bLo < bHi && d.a[aHi-1] == d.b[bHi-1] {
		aHi, bHi = aHi-1, bHi-1
	}
	return aLo, aHi, bLo, bHi
}

func mark(changed []bool) {
	for i := range changed {
		changed[i] = true
	}
}

// maxDiff limits the work: parts that need more than twice as many changes count as completely different. The result
// is not the shortest, but still correct.
const maxDiff = 4096

const unreached = -1 << 40

// middle finds a point in the middle of a shortest edit, searching from both ends.
func (d *differ) middle(a, b []int) (x, y int, ok bool) {
	n, m := len(a), len(b)
	size := 2*min((n+m+1)/2, maxDiff) + 3
	if len(d.forward) < size {
		d.forward, d.backward = make([]int, size), make([]int, size)
	}
	zero := size / 2
	fwd, bwd := d.forward[:size], d.backward[:size]
	for i := range fwd {
		fwd[i], bwd[i] = unreached, unreached
	}
	fwd[zero+1], bwd[zero+1] = 0, 0
	d.budget.Steps(size)
	for steps := range zero {
		same := 0 // lines followed
		for k := -steps; k <= steps; k += 2 {
			x := furthest(fwd, zero, k, n, m)
			for x >= 0 && x < n && x-k < m && a[x] == b[x-k] {
				x, same = x+1, same+1
			}
			fwd[zero+k] = x
			if other := n - m - k; (n-m)&1 != 0 && -steps < other && other < steps && x+bwd[zero+other] >= n {
				return x, x - k, true
			}
		}
		for k := -steps; k <= steps; k += 2 {
			x := furthest(bwd, zero, k, n, m)
			for x >= 0 && x < n && x-k < m && a[n-1-x] == b[m-1-(x-k)] {
				x, same = x+1, same+1
			}
			bwd[zero+k] = x
			if other := n - m - k; (n-m)&1 == 0 && -steps <= other && other <= steps && x+fwd[zero+other] >= n {
				return n - x, m - (x - k), true
			}
		}
		d.budget.Steps(2*steps + same)
	}
	return 0, 0, false
}

// furthest returns how far one more step leads on diagonal k.
func furthest(reached []int, zero, k, n, m int) int {
	x := max(reached[zero+k+1], reached[zero+k-1]+1)
	if x < 0 || x > n || x-k < 0 || x-k > m {
		return unreached
	}
	return x
}

// gaps reports, for each place between two unchanged lines and for both ends, whether there are changed lines.
func gaps(changed []bool) []bool {
	at := []bool{false}
	for _, c := range changed {
		if c {
			at[len(at)-1] = true
		} else {
			at = append(at, false)
		}
	}
	return at
}

// slide moves each group of changed lines to an equivalent position: next to a change on the other side, or else as
// far down as possible. This way the same change looks the same in two diffs.
func slide(limit *budget.Budget, keys []int, changed, other []bool) {
	gap := 0 // number of unchanged lines before the group
	for lo := 0; lo < len(keys); {
		if !changed[lo] {
			lo, gap = lo+1, gap+1
			continue
		}
		hi, size, matching, top := lo, 0, -1, 0
		for hi = groupEnd(changed, hi); hi-lo != size; {
			size = hi - lo
			limit.Steps(1)
			for lo > 0 && keys[lo-1] == keys[hi-1] {
				limit.Steps(1)
				lo, hi, gap = lo-1, hi-1, gap-1
				changed[lo], changed[hi] = true, false
				for lo > 0 && changed[lo-1] {
					lo--
				}
			}
			top, matching = hi, -1
			if other[gap] {
				matching = hi
			}
			for hi < len(keys) && keys[lo] == keys[hi] {
				limit.Steps(1)
				changed[lo], changed[hi] = false, true
				lo, gap = lo+1, gap+1
				hi = groupEnd(changed, hi)
				if other[gap] {
					matching = hi
				}
			}
		}
		for matching >= top && hi > matching {
			lo, hi, gap = lo-1, hi-1, gap-1
			changed[lo], changed[hi] = true, false
		}
		lo = hi
	}
}

func groupEnd(changed []bool, at int) int {
	for at < len(changed) && changed[at] {
		at++
	}
	return at
}

func hunks(aChanged, bChanged []bool) (all []hunk) {
	for i, j := 0, 0; i < len(aChanged) || j < len(bChanged); {
		h := hunk{i, groupEnd(aChanged, i), j, groupEnd(bChanged, j)}
		if h.aLo < h.aHi || h.bLo < h.bHi {
			all = append(all, h)
		}
		i, j = h.aHi+1, h.bHi+1
	}
	return all
}
