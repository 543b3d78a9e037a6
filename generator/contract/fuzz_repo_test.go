package contract

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/contract/pipeline"
)

// fuzzed are the files of a repository that FuzzCheck makes up.
var fuzzed = []string{docker, ".dockerignore", pipeline.CircleShim, pipeline.CircleFile, github, "bin/start.sh", "version.json"}

// FuzzCheck checks whole small repositories, one file of which is repeated until it is large. Whatever they hold, a check
// stays within its budget; its last output is the same twice.
func FuzzCheck(f *testing.F) {
	add := func(files fstest.MapFS, repeated, times uint8) {
		var texts [7]string
		for i, name := range fuzzed {
			if file := files[name]; file != nil {
				texts[i] = string(file.Data)
			}
		}
		f.Add(texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6], repeated, times)
	}
	for _, a := range corpus(f) {
		files, _ := split(a)
		add(files, 0, 0)
	}
	for i, c := range []string{
		"COPY --from=0 a b /app/\n", "**/a*/**/b*\n", "- a: &a [*a]\n", "{a: &a {<<: *a}}\n", "- {run: docker build -t a .}\n", "sh -c 'a <<E; b'\n", "{\"a\":[",
	} {
		add(fstest.MapFS{fuzzed[i]: {Data: []byte(c)}, docker: {Data: []byte("FROM node:24\nCOPY . /app/\nENTRYPOINT [\"bin/start.sh\"]\n" + c)}}, uint8(i), 255)
	}
	f.Fuzz(func(t *testing.T, dockerfile, ignored, shim, circle, workflow, script, version string, repeated, times uint8) {
		files := fstest.MapFS{"package.json": {Data: []byte("{}")}, "src/app.js": {Data: []byte("//")}}
		for i, text := range []string{dockerfile, ignored, shim, circle, workflow, script, version} {
			if int(repeated)%len(fuzzed) == i {
				text = strings.Repeat(text, min(1+10*int(times), 1+MaxFile/4/(1+len(text))))
			}
			if text != "" {
				files[fuzzed[i]] = &fstest.MapFile{Data: []byte(text)}
			}
		}
		start := time.Now()
		r := open(t.Context(), files, Options{}, allSteps)
		results := r.check(t.Context())
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if used := allSteps - r.left; used > allSteps+limits.Steps {
			t.Errorf("it took %d steps", used)
		}
		sound(t, results)
		presentable(t, results)
		if diff := cmp.Diff(written(results), written(CheckRepo(t.Context(), files))); diff != "" {
			t.Errorf("a second check says something else:\n%s", diff)
		}
	})
}

// presentable requires results that any report can show.
func presentable(t *testing.T, results []Result) {
	t.Helper()
	for _, r := range results {
		if !utf8.ValidString(r.Note) || len(r.Note) > maxText+len("…") || len(r.Findings) > maxKept+1 {
			t.Errorf("%s: %d findings, note %q", r.ID, len(r.Findings), r.Note)
		}
		for _, f := range r.Findings {
			if !utf8.ValidString(f.Text) || len(f.Text) > maxText+len("…") {
				t.Errorf("%s: %q", r.ID, f.Text)
			}
		}
	}
}
