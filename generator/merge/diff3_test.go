package merge

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var sides = Labels{"ours", "base", "theirs"}

// texts are the inputs of a merge, as files for git.
type texts struct {
	dir                string
	base, ours, theirs string
}

func (x texts) git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = x.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.Output()
	var exit *exec.ExitError // git merge-file exits with the number of conflicts, git diff with 1 for a difference
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 127) {
		t.Fatalf("git %q: %v", args, err)
	}
	return string(out)
}

func (x texts) write(t *testing.T) {
	t.Helper()
	for name, data := range map[string]string{"base": x.base, "ours": x.ours, "theirs": x.theirs} {
		if err := os.WriteFile(filepath.Join(x.dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (x texts) merge() (string, int) {
	data, n := Text(nil, []byte(x.base), []byte(x.ours), []byte(x.theirs), sides)
	return string(data), n
}

var hunkHead = regexp.MustCompile(`(?m)^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// hunks returns git's diff from base to one side.
func (x texts) hunks(t *testing.T, to string) (all []hunk) {
	t.Helper()
	out := x.git(t, "diff", "--no-index", "--unified=0", "--diff-algorithm=myers", "--no-indent-heuristic", "--text", "base", to)
	for _, m := range hunkHead.FindAllStringSubmatch(out, -1) {
		n := [4]int{}
		for i := range n {
			n[i] = 1
			if m[i+1] != "" {
				n[i], _ = strconv.Atoi(m[i+1])
			}
		}
		h := hunk{n[0], n[0] + n[1], n[2], n[2] + n[3]}
		if n[1] > 0 { // git counts from 1, and names the line before an empty range
			h.aLo, h.aHi = h.aLo-1, h.aHi-1
		}
		if n[3] > 0 {
			h.bLo, h.bHi = h.bLo-1, h.bHi-1
		}
		all = append(all, h)
	}
	return all
}

// mergeBy merges with git's diffs in place of ours.
func (x texts) mergeBy(mine, yours []hunk) string {
	keys := lineKeys{}
	b, o, theirs := keys.split([]byte(x.base)), keys.split([]byte(x.ours)), keys.split([]byte(x.theirs))
	w := newMarker(sides, b, o, theirs)
	w.three = true
	for _, r := range regions(b.keys, o.keys, theirs.keys, mine, yours) {
		w.region(r)
	}
	return w.out.String()
}

// edited returns lines with random changes. Changed lines are taken from the given number of kinds, or are all
// different if kinds is 0.
func edited(r *rand.Rand, text []string, kinds int) []string {
	var out []string
	fresh := func() string {
		if kinds == 0 {
			return fmt.Sprintf("new %d\n", r.IntN(1e9))
		}
		return fmt.Sprintf("line %d\n", r.IntN(kinds))
	}
	for _, line := range text {
		switch r.IntN(12) {
		case 0:
			out = append(out, fresh())
		case 1:
			out = append(out, line, fresh())
		case 2:
		default:
			out = append(out, line)
		}
	}
	if len(out) > 0 && r.IntN(8) == 0 {
		last := &out[len(out)-1]
		*last = strings.TrimSuffix(*last, "\n")
	}
	return out
}

func random(r *rand.Rand, dir string, kinds int) texts {
	var base []string
	for i := range r.IntN(24) {
		if kinds > 0 {
			i = r.IntN(kinds)
		}
		base = append(base, fmt.Sprintf("line %d\n", i))
	}
	both := base
	if r.IntN(3) == 0 { // both sides make some of the changes
		both = edited(r, base, kinds)
		if n := len(both); n > 0 && !strings.HasSuffix(both[n-1], "\n") {
			both[n-1] += "\n"
		}
	}
	join := func(text []string) string { return strings.Join(text, "") }
	return texts{dir, join(base), join(edited(r, both, kinds)), join(edited(r, both, kinds))}
}

// gitMerges is the number of random merges that are compared with git's; each starts a process. GENERATOR_TEST_MERGES
// overrides it.
func gitMerges(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("GENERATOR_TEST_MERGES"))
	if err != nil {
		return 100
	}
	return n
}

// If no line is repeated, there is only one shortest diff, and the merge must equal git's to the byte.
func TestMergeEqualsGits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	dir, conflicts, n := t.TempDir(), 0, gitMerges(t)
	for range n {
		x := random(r, dir, 0)
		x.write(t)
		got, marked := x.merge()
		want := x.git(t, "merge-file", "-p", "--diff3", "-L", "ours", "-L", "base", "-L", "theirs", "ours", "base", "theirs")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("base %q, ours %q, theirs %q (-git +ours):\n%s", x.base, x.ours, x.theirs, diff)
		}
		if marked > 0 {
			conflicts++
		}
	}
	t.Logf("%d merges, %d with conflicts", n, conflicts)
	if conflicts < n/10 || conflicts > 9*n/10 {
		t.Errorf("%d of %d merges had conflicts: not enough for the test", conflicts, n)
	}
}

// If lines are repeated, there are several shortest diffs, and git may choose another one. With git's diffs, the merge
// must equal git's.
func TestMergeEqualsGitsWithItsDiffs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	dir, other, verdict, n := t.TempDir(), 0, 0, gitMerges(t)
	for range n {
		x := random(r, dir, 1+r.IntN(12))
		x.write(t)
		got, marked := x.merge()
		want := x.git(t, "merge-file", "-p", "--diff3", "-L", "ours", "-L", "base", "-L", "theirs", "ours", "base", "theirs")
		if got == want {
			continue
		}
		other++
		if hasConflict([]byte(want)) != (marked > 0) {
			verdict++
		}
		if diff := cmp.Diff(want, x.mergeBy(x.hunks(t, "ours"), x.hunks(t, "theirs"))); diff != "" {
			t.Errorf("base %q, ours %q, theirs %q, with git's diffs (-git +ours):\n%s", x.base, x.ours, x.theirs, diff)
		}
	}
	t.Logf("%d merges, %d with another diff than git's; in %d of these, only one has conflicts", n, other, verdict)
	if other > n/4 {
		t.Errorf("%d of %d merges differ from git's", other, n)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	const base = "a\nb\nc\nd\ne\n"
	dos := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	tests := []struct {
		name               string
		base, ours, theirs string
		want               string
		conflicts          int
	}{
		{"nobody changed it", base, base, base, base, 0},
		{"only we did", base, "a\nb\nc\n", base, "a\nb\nc\n", 0},
		{"only they did", base, base, "a\nb\nc\n", "a\nb\nc\n", 0},
		{"both, far apart", base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n", 0},
		{"both alike", base, "a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n", 0},
		{"the same change on both sides, and other changes", base, "A\nb\nX\nd\ne\n", "a\nb\nX\nd\nE\n", "A\nb\nX\nd\nE\n", 0},
		{"the same line", base, "a\nb\nX\nd\ne\n", "a\nb\nY\nd\ne\n", "a\nb\n<<<<<<< ours\nX\n||||||| base\nc\n=======\nY\n>>>>>>> theirs\nd\ne\n", 1},
		{"lines that touch", base, "a\nX\nc\nd\ne\n", "a\nb\nY\nd\ne\n", "a\n<<<<<<< ours\nX\nc\n||||||| base\nb\nc\n=======\nb\nY\n>>>>>>> theirs\nd\ne\n", 1},
		{"we delete what they change", base, "a\nb\nd\ne\n", "a\nb\nY\nd\ne\n", "a\nb\n<<<<<<< ours\n||||||| base\nc\n=======\nY\n>>>>>>> theirs\nd\ne\n", 1},
		{"two places", base, "A\nb\nc\nd\nE\n", "1\nb\nc\nd\n5\n", "<<<<<<< ours\nA\n||||||| base\na\n=======\n1\n>>>>>>> theirs\nb\nc\nd\n<<<<<<< ours\nE\n||||||| base\ne\n=======\n5\n>>>>>>> theirs\n", 2},
		{"we end without a newline", base, "a\nb\nc\nd\ne", "A\nb\nc\nd\ne\n", "A\nb\nc\nd\ne", 0},
		{"they end without a newline", base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\ne", "A\nb\nc\nd\ne", 0},
		{"we end without a line end, and they go on", base, "a\nb\nc\nd\ne", base + "f\n", "a\nb\nc\nd\n<<<<<<< ours\ne\n||||||| base\ne\n=======\ne\nf\n>>>>>>> theirs\n", 1},
		{"our line endings differ", base, dos(base), "a\nb\nX\nd\ne\nf\n", dos("a\nb\nX\nd\ne\nf\n"), 0},
		{"our line endings differ, and we changed some lines", base, dos("A\nb\nc\nd\ne\n"), "a\nb\nc\nd\nE\n", dos("A\nb\nc\nd\nE\n"), 0},
		{"our line endings differ, in a conflict", base, dos("X\nb\nc\nd\ne\n"), "Y\nb\nc\nd\ne\n", dos("<<<<<<< ours\nX\n||||||| base\na\n=======\nY\n>>>>>>> theirs\nb\nc\nd\ne\n"), 1},
		{"the template's line endings differ, and git converted ours", dos(base), "A\nb\nc\nd\ne\n", dos("a\nb\nc\nd\nE\n"), "A\nb\nc\nd\nE\n", 0},
		{"our line endings are mixed", base, "A\r\nb\nc\r\nd\ne\n", "a\nb\nc\nd\nE\n", "A\r\nb\nc\r\nd\nE\n", 0},
		{"all lines end with CR LF", dos(base), dos("A\nb\nc\nd\ne\n"), dos("a\nb\nc\nd\nE\n"), dos("A\nb\nc\nd\nE\n"), 0},
		{"a CR that ends no line is content", "a\n", "a\rb\n", "a\n", "a\rb\n", 0},
		{"both add the same text to an empty base", "", "x\n", "x\n", "x\n", 0},
		{"both add a text to an empty base", "", "x\n", "y\n", "<<<<<<< ours\nx\n||||||| base\n=======\ny\n>>>>>>> theirs\n", 1},
		{"we have markers already", "a\n", "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> z\n", "b\n", "<<<<<<<< ours\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> z\n|||||||| base\na\n========\nb\n>>>>>>>> theirs\n", 1},
		{"an underlined title looks like a marker", "title\n==========\na\n", "title\n==========\nx\n", "title\n==========\ny\n", "title\n==========\n<<<<<<<<<<< ours\nx\n||||||||||| base\na\n===========\ny\n>>>>>>>>>>> theirs\n", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, n := texts{base: tt.base, ours: tt.ours, theirs: tt.theirs}.merge()
			if got != tt.want || n != tt.conflicts {
				t.Errorf("got %d conflicts in\n%q, want %d in\n%q", n, got, tt.conflicts, tt.want)
			}
			if has := hasConflict([]byte(got)); has != (n > 0) {
				t.Errorf("hasConflict: got %v, want %v", has, n > 0)
			}
		})
	}
}

func TestMergeWithoutABase(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, ours, theirs, want string }{
		{"differences are marked, line by line", "a\nb\nc\n", "a\nB\nc\nd\n", "a\n<<<<<<< ours\nb\n=======\nB\n>>>>>>> theirs\nc\n<<<<<<< ours\n=======\nd\n>>>>>>> theirs\n"},
		{"with our line ends", "a\r\nb\r\n", "a\nc\n", "a\r\n<<<<<<< ours\r\nb\r\n=======\r\nc\r\n>>>>>>> theirs\r\n"},
		{"without a last line end", "a", "b", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"},
		{"ours is empty", "", "b\r\n", "<<<<<<< ours\r\n=======\r\nb\r\n>>>>>>> theirs\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, n := mergeTwo(nil, []byte(tt.ours), []byte(tt.theirs), sides)
			if string(got) != tt.want || n == 0 {
				t.Errorf("got %d conflicts in\n%q, want\n%q", n, got, tt.want)
			}
		})
	}
}

func TestHasConflict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{"", false},
		{"title\n=======\n", false},
		{"<<<<<<< not solved\n=======\n>>>>>>> yet\n", true},
		{"<<<<<<<<< longer ones\n|||||||||\n=========\n>>>>>>>>>\n", true},
		{"<<<<<<< a\r\n=======\r\n>>>>>>> b\r\n", true},
		{">>>>>>> a\n=======\n<<<<<<< b\n", false},
		{"a quote >>>>>>> b\n<<<<<<<no marker\n=======\n>>>>>>>no marker\n", false},
	}
	for _, tt := range tests {
		if got := hasConflict([]byte(tt.text)); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

// Each line that ours has and the base does not must be in the result, unchanged and in order.
func TestMergeLosesNoLineOfOurs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for range 5000 {
		x := random(r, "", r.IntN(12))
		got, n := x.merge()
		keys := lineKeys{}
		b, o, merged := keys.split([]byte(x.base)), keys.split([]byte(x.ours)), keys.split([]byte(got))
		at := 0
		for _, h := range diff(nil, b.keys, o.keys) {
			for _, line := range o.text[h.bLo:h.bHi] {
				found := slices.IndexFunc(merged.text[at:], func(m []byte) bool {
					return bytes.Equal(m, line) || n > 0 && string(m) == string(line)+"\n"
				})
				if found < 0 {
					t.Fatalf("base %q, ours %q, theirs %q: %q is lost in %q", x.base, x.ours, x.theirs, line, got)
				}
				at += found + 1
			}
		}
	}
}

// hasConflict reports whether a text has all markers of an unresolved conflict.
func hasConflict(data []byte) bool {
	state := 0
	for line := range bytes.Lines(data) {
		if markerLen(line) == 0 {
			continue
		}
		if at := strings.IndexByte("<=>", line[0]); at == state {
			state++
		} else if at == 0 {
			state = 1
		}
		if state == 3 {
			return true
		}
	}
	return false
}
