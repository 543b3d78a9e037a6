package contract

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dockerflow/generator/contract/pipeline"
)

// listOf is n texts, each made of its number, with commas.
func listOf(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// linesOf is n lines, each made of its number.
func linesOf(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

// circleJobs is a configuration of CircleCI whose workflow has these jobs.
func circleJobs(jobs string) fstest.MapFS {
	return fstest.MapFS{pipeline.CircleShim: {Data: []byte("version: 2.1\njobs:\n  b: {docker: [{image: a}], steps: [{run: docker build .}]}\n" +
		"workflows:\n  w:\n    jobs:\n" + jobs)}}
}

func githubJobs(jobs string) fstest.MapFS {
	return fstest.MapFS{github: {Data: []byte("on: push\njobs:\n" + jobs)}}
}

// costly are configurations of at most a megabyte that took minutes, or gigabytes. The note or the findings say what
// becomes of S11.
func costly() map[string]struct {
	files fstest.MapFS
	says  string
} {
	workflows := fstest.MapFS{}
	for i := range 100 {
		workflows[fmt.Sprintf("%s/w%d.yml", pipeline.WorkflowDir, i)] = &fstest.MapFile{Data: []byte("on: push\njobs:\n  a: {steps: [" + listOf(20_000, "n%d") + "]}\n")}
	}
	const tooMuch = "judging it takes more than "
	return map[string]struct {
		files fstest.MapFS
		says  string
	}{
		"many needs": {githubJobs("  a: {needs: [" + listOf(50_000, "n%d") + "]}\n"), "and 49903 more"},
		"many needs of many jobs": {
			githubJobs("  a: {needs: &n [" + listOf(5000, "n%d") + "]}\n" + linesOf(5000, "  j%d: {needs: *n}")), tooMuch},
		"many requires of many jobs": {
			circleJobs("    - b: {name: n, requires: &r [" + listOf(3000, "n%d") + "]}\n" + linesOf(3000, "    - b: {name: n%d, requires: *r}")), tooMuch},
		"a deep filter":           {circleJobs("    - b: {filters: \"" + strings.Repeat("(", 1_000_000) + "\"}\n"), "longer than 4096 bytes"},
		"a filter of many nots":   {circleJobs("    - b: {filters: \"" + strings.Repeat("not ", 250_000) + "true\"}\n"), "longer than 4096 bytes"},
		"many filters":            {circleJobs(linesOf(3000, "    - b: {name: n%d, filters: \""+strings.Repeat("(", 100)+"true"+strings.Repeat(")", 100)+"\"}")), tooMuch},
		"many patterns":           {circleJobs("    - b: {name: n, filters: &f {branches: {only: [" + listOf(40_000, "/a%d.*/") + "]}}}\n" + linesOf(5000, "    - b: {name: n%d, filters: *f}")), tooMuch},
		"patterns of many states": {circleJobs("    - b: {filters: {branches: {only: [" + listOf(1000, "'/a%d"+strings.Repeat(`b{999}`, 100)+"/'") + "]}}}\n"), tooMuch},
		"many jobs of many steps": {fstest.MapFS{pipeline.CircleShim: {Data: []byte("version: 2.1\njobs: {b: {steps: [" + listOf(9000, "u%d") + "]}}\nworkflows:\n  w:\n    jobs:\n" + linesOf(5000, "    - b: {name: n%d}"))}}, tooMuch},
		"many jobs of one script": {githubJobs("  a: {steps: &s [{run: \"" + strings.Repeat("docker build -t a . ; docker run a; ", 20_000) + "\"}]}\n" + linesOf(3000, "  a%d: {steps: *s}")), tooMuch},
		"many workflows of many":  {fstest.MapFS{pipeline.CircleShim: {Data: []byte("version: 2.1\njobs: {b: {steps: [x]}}\nworkflows:\n  w: &w {jobs: [" + listOf(5000, "b: {name: n%d}") + "]}\n" + linesOf(5000, "  w%d: *w"))}}, tooMuch},
		"many images":             {githubJobs("  a: {steps: [{run: \"" + strings.ReplaceAll(linesOf(2400, "docker build -t a%d . ; "), "\n", "") + strings.ReplaceAll(linesOf(2400, "docker push b%d ; "), "\n", "") + "\"}]}\n"), "neither built nor loaded"},
		"many names of one image": {githubJobs("  a: {steps: [{run: \"docker build " + strings.ReplaceAll(linesOf(90_000, "-t a%d "), "\n", "") + "\"}]}\n"), "nothing pushes the image"},
		"many files":              {workflows, tooMuch},
	}
}

// Each took minutes or gigabytes. What is too much is not checkable, and the rest is bounded. It does not run beside other
// tests, whose memory would count.
//
//nolint:paralleltest // see above
func TestCostOfConfigurations(t *testing.T) {
	for name, c := range costly() {
		t.Run(name, func(t *testing.T) {
			for _, f := range c.files {
				if len(f.Data) > MaxFile {
					t.Fatalf("%d bytes are not read at all", len(f.Data))
				}
			}
			v := cost(t, c.files)
			if got := fmt.Sprint(v.Findings) + v.Note; !strings.Contains(got, c.says) {
				t.Errorf("S11 is %s: %s, want %q", v.Status, got, c.says)
			}
		})
	}
}

// cost checks a repository, requires that the check stays within its budget, and returns the verdict on S11.
func cost(t *testing.T, files fstest.MapFS) Verdict {
	t.Helper()
	var r *repo
	var results []Result
	bounded(t, func() {
		r = open(t.Context(), files, Options{}, allSteps)
		results = r.check(t.Context())
	})
	if used := allSteps - r.left; used > allSteps+limits.Steps {
		t.Errorf("it took %d steps", used)
	}
	sound(t, results)
	return of(t, results, "S11").Verdict
}

// bounded requires that work stays within the time and memory of a check.
func bounded(t *testing.T, work func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	work()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if took > 20*time.Second { // a second, on an idle machine
		t.Errorf("it took %v", took)
	}
	if all := after.TotalAlloc - before.TotalAlloc; all > 1<<30 { // in all: the program holds a quarter of that at a time
		t.Errorf("it allocated %d MB", all>>20)
	}
}
