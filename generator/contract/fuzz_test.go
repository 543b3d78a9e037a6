package contract

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/pipeline"
)

// sound requires a result for each rule, with printable reasons.
func sound(t *testing.T, results []Result) {
	t.Helper()
	if len(results) != len(Rules) {
		t.Errorf("%d results", len(results))
	}
	for _, r := range results {
		if r.Status == NotCheckable && r.Note == "" || r.Status == Fail && len(r.Findings) == 0 {
			t.Errorf("%s is %s without a reason", r.ID, r.Status)
		}
		for _, f := range r.Findings {
			if f.Text == "" || f.Line < 0 {
				t.Errorf("%s: %+v", r.ID, f)
			}
		}
	}
}

func FuzzDockerfile(f *testing.F) {
	for _, a := range corpus(f) {
		files, _ := split(a)
		if d := files[docker]; d != nil {
			f.Add(string(d.Data))
		}
	}
	f.Add("FROM node:24\nRUN <<EOF\nuseradd app\nEOF\n")
	f.Add("FROM a\nCOPY --from=0 / /\nFROM b\nCOPY --from=0 / /\nUSER $X\nWORKDIR ${Y:-/app}\n")
	f.Add("\xef\xbb\xbfFROM a\r\nCOPY <<E /etc/passwd\r\napp:x:1:1:::\r\nE\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		files := fstest.MapFS{
			docker:         {Data: []byte(text)},
			"package.json": {Data: []byte("{}")}, "src/app.js": {Data: []byte("//")}, "run.sh": {Data: []byte("#!/bin/sh\n" + text)},
		}
		sound(t, CheckRepo(t.Context(), files))
	})
}

func FuzzIgnore(f *testing.F) {
	for _, text := range []string{"*\n!version.json\n", "**/.env*\n", "[\n", "!\n\\\n/\n", "a/**/b\n!a/x/b\n", "# x\n\xef\xbb\xbf*\r\n", "{a,b}\n+(\n"} {
		f.Add(text, "version.json")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		i, err := dockerfile.ParseIgnore(nil, ".dockerignore", []byte(text))
		if err != nil || name == "" {
			return
		}
		line, out := i.ShutsOut(nil, name)
		if out != i.Hides(nil, name) || !out && line > 0 || line > strings.Count(text, "\n")+1 {
			t.Errorf("%q: line %d, %v", name, line, out)
		}
	})
}

func FuzzCI(f *testing.F) {
	for _, a := range corpus(f) {
		files, _ := split(a)
		for _, name := range []string{pipeline.CircleShim, pipeline.CircleFile, github} {
			if c := files[name]; c != nil {
				f.Add(string(c.Data))
			}
		}
	}
	f.Add("jobs: {a: &a {steps: [*a]}}")
	f.Add("jobs: {build: {steps: [{run: \"docker build ${{ x }} <<E\\nE\"}]}}\nworkflows: {w: {jobs: [build: {filters: \"a == (b\"}]}}")
	f.Fuzz(func(t *testing.T, text string) {
		sound(t, CheckRepo(t.Context(), fstest.MapFS{pipeline.CircleShim: {Data: []byte(text)}, pipeline.CircleFile: {Data: []byte(text)}, github: {Data: []byte(text)}}))
	})
}

func FuzzLog(f *testing.F) {
	f.Add([]byte(goodLine + "\n" + goodSummary + "\n"))
	f.Add([]byte("\n\r\n\x00\xff\n{"))
	f.Add([]byte(`{"Timestamp":1e999,"Fields":[[[null]]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		v := CheckLog(bytes.NewReader(text))
		if v.Status == Fail && len(v.Findings) == 0 || v.Status == NotCheckable && v.Note == "" || len(v.Findings) > maxFindings+1 {
			t.Errorf("%+v", v)
		}
		for _, f := range v.Findings {
			if !utf8.ValidString(f.Text) || strings.Contains(f.Text, "\n") || f.Line > bytes.Count(text, []byte("\n"))+1 {
				t.Errorf("%+v", f)
			}
		}
	})
}
