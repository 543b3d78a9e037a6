package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const good = `version: 2.1
jobs:
  build:
    machine: {image: ubuntu-2404:current}
    steps:
      - checkout
      - run: {name: Build, command: make}
  push:
    machine: {image: ubuntu-2404:current}
    steps:
      - attach_workspace: {at: .}
      - run: make push
workflows:
  main:
    jobs:
      - build: {filters: pipeline.git.branch}
      - push: {requires: [build], context: hub}
`

func TestReadsCircleCI(t *testing.T) {
	t.Parallel()
	jobs, err := read(project(t, good))
	want := map[string]string{
		"build-02.sh": "#!/bin/bash\nset -eo pipefail\nmake\n",
		"push-02.sh":  "#!/bin/bash\nset -eo pipefail\nmake push\n",
	}
	if diff := cmp.Diff(want, scripts(jobs)); diff != "" || err != nil {
		t.Errorf("error %v, scripts (-want +got):\n%s", err, diff)
	}
}

func TestRefusesWhatCircleCIHasNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, want string }{
		"unknown step":       {"- checkout", "- chekout", "unknown step chekout"},
		"two steps in one":   {"- attach_workspace: {at: .}", "- {checkout: {}, run: x}", "unknown step"},
		"run without script": {"{name: Build, command: make}", "{name: Build}", "no command"},
		"unknown key":        {"workflows:", "workflow:", "not found in type"},
		"deprecated filters": {"filters: pipeline.git.branch", "filters: {tags: {only: x}}", "cannot construct"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(good, test.old, test.new, 1)
			if bad == good {
				t.Fatalf("%q is not in the file", test.old)
			}
			if _, err := read(project(t, bad)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

// project is a folder with this circle.yml.
func project(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "circle.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
