package template

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns the name that a misspelled one probably means: one with an edit distance of at most two, or else one
// that it is a prefix of. It returns "" if there is none. Case is ignored. Names of two letters or fewer only match
// themselves.
func Nearest(name string, names []string) string {
	name = strings.ToLower(name)
	near, most, started := "", 2, ""
	if len(name) < 3 {
		most = 0
	}
	for _, n := range slices.Sorted(slices.Values(names)) {
		small := strings.ToLower(n)
		if d := distance(name, small); d <= most {
			near, most = n, d-1
		}
		if started == "" && len(name) > 2 && strings.HasPrefix(small, name) {
			started = n
		}
	}
	return cmp.Or(near, started)
}

// distance returns the edit distance of a and b: letters that are added, removed, replaced, or swapped with their
// neighbour.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return len(a) + len(b)
	}
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
