package merge

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomKeys returns a few different lines, so that many lines are equal.
func randomKeys(r *rand.Rand, size, kinds int) []int {
	keys := make([]int, r.IntN(size+1))
	for i := range keys {
		keys[i] = r.IntN(kinds)
	}
	return keys
}

// longestCommon returns the length of a longest common subsequence, by the textbook algorithm.
func longestCommon(a, b []int) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

func TestDiffIsRightAndShortest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a, b := randomKeys(r, 12, 1+r.IntN(6)), randomKeys(r, 12, 1+r.IntN(6))
		var got []int
		at, kept := 0, 0
		for _, h := range diff(nil, a, b) {
			got = append(append(got, a[at:h.aLo]...), b[h.bLo:h.bHi]...)
			kept += h.aLo - at
			if at > 0 && h.aLo == at {
				t.Fatalf("%v to %v: changes touch in %v", a, b, diff(nil, a, b))
			}
			at = h.aHi
		}
		got, kept = append(got, a[at:]...), kept+len(a)-at
		if !slices.Equal(got, b) {
			t.Fatalf("%v to %v: %v leads to %v", a, b, diff(nil, a, b), got)
		}
		if want := longestCommon(a, b); kept != want {
			t.Fatalf("%v to %v: %v keeps %d lines, want %d", a, b, diff(nil, a, b), kept, want)
		}
	}
}

// Texts that are too different must not take forever, and the diff must still be correct.
func TestDiffOfUnrelatedTexts(t *testing.T) {
	t.Parallel()
	a, b := make([]int, 3*maxDiff), make([]int, 3*maxDiff)
	for i := range a {
		a[i], b[i] = 2*i, 2*i+1
	}
	a[0], b[0] = -1, -1
	want := []hunk{{1, len(a), 1, len(b)}}
	if got := diff(nil, a, b); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The same insertion must look the same in two diffs, or it would be a conflict.
func TestDiffPutsAGroupWhereItCanGoLast(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		a, b []int
		want []hunk
	}{
		{"one of two equal lines is added", []int{1, 2, 3}, []int{1, 2, 2, 3}, []hunk{{2, 2, 2, 3}}},
		{"an added block ends as it began", []int{7, 1, 9}, []int{7, 5, 1, 5, 1, 9}, []hunk{{1, 1, 1, 4}}},
		{"one of two equal lines is removed", []int{1, 2, 2, 3}, []int{1, 2, 3}, []hunk{{2, 3, 2, 2}}},
		{"a removed line is next to its replacement", []int{1, 1, 2}, []int{1, 3, 2}, []hunk{{1, 2, 1, 2}}},
	}
	for _, tt := range tests {
		if got := diff(nil, tt.a, tt.b); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSlide(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		keys    []int
		changed string
		other   []bool // the gaps of the other side
		want    string
	}{
		{"as far down as it can", []int{1, 1, 2}, "x..", make([]bool, 3), ".x."},
		{"a group of more", []int{1, 2, 1, 2, 3}, "xx...", make([]bool, 4), "..xx."},
		{"next to a change on the other side", []int{1, 1, 1, 2}, "x...", []bool{false, true, false, false}, ".x.."},
		{"next to the last change of the other side", []int{1, 1, 1, 2}, "x...", []bool{true, true, false, false}, ".x.."},
		{"up to it, too", []int{1, 1, 1, 2}, "..x.", []bool{true, false, false, false}, "x..."},
		{"two groups become one", []int{1, 1, 1, 2}, "x.x.", make([]bool, 3), ".xx."},
		{"not past another line", []int{1, 2, 3}, ".x.", make([]bool, 3), ".x."},
	}
	for _, tt := range tests {
		changed := make([]bool, len(tt.changed))
		for i, c := range tt.changed {
			changed[i] = c == 'x'
		}
		slide(nil, tt.keys, changed, tt.other)
		got := ""
		for _, c := range changed {
			got += map[bool]string{true: "x", false: "."}[c]
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
