package template

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest is the name that was probably meant by a misspelt one: the one that differs in two letters at most, or else one that
// it starts. It is "" if there is none. Capitals are as good as small letters, and two letters are near to everything.
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

// distance is how many letters have to be added, removed, replaced or exchanged with their neighbours to make b of a.
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
