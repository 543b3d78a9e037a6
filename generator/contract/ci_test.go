package contract

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"dockerflow/generator/contract/pipeline"
)

const login = `printf %s "$DOCKER_PASS" | docker login --username "$DOCKER_USER" --password-stdin`

var ciEdits = []edit{
	{"S11", "node", pipeline.CircleFile, "version: 2.1", "version: 2", "", "version: 2", "requires 2.1"},
	{"S11", "node", pipeline.CircleFile, "version: 2.1", "version: [2.1", "", "", ""},
	{"S11", "node", pipeline.CircleFile, "- build:\n", "- biuld:\n", "", "- biuld", "not defined"},
	{"S11", "node", pipeline.CircleFile, "            - build\n", "            - biuld\n", "", "- push:", "requires biuld"},
	{"S11", "node", pipeline.CircleFile, "      - build:\n          filters: pipeline.git.branch or pipeline.git.tag\n", "      - build\n", "", "- push:", "but build, which it requires, does not"},
	{"S11", "node", pipeline.CircleFile, "pipeline.git.branch or pipeline.git.tag", `pipeline.git.branch != ""`, "", "- push:", "but build, which it requires, does not"},
	{"S11", "node", pipeline.CircleFile, ` or (pipeline.git.tag matches /^.+$/)`, "", "", "- push:", "does not run for tags"},
	{"S11", "node", pipeline.CircleFile, "filters: pipeline.git.branch or pipeline.git.tag", "filters:\n            tags:\n              only: /^v.*/", "", "- push:", "runs for tag 1.2.3, but build"},
	{"S11", "node", pipeline.CircleFile, "filters: pipeline.git.branch or pipeline.git.tag", `filters: pipeline.git.branch == "main" or pipeline.git.tag`, "", "", "not built on every change"},
	{"S11", "node", pipeline.CircleFile, "- store_artifacts:", "- store_artefacts:", "", "- store_artefacts", "no step store_artefacts"},
	{"S11", "node", pipeline.CircleFile, login, `docker login -u "$DOCKER_USER" -p "$DOCKER_PASS"`, "", "docker login", "on docker login's command line"},
	{"S11", "node", pipeline.CircleFile, login, `docker login --username "$DOCKER_USER" --password="$DOCKER_PASS"`, "", "docker login", "on docker login's command line"},
	{"S11", "node", pipeline.CircleFile, "docker load --input image.tar", "docker build --tag app:build .", "", "docker push", "not run before docker push"},
	{"S11", "node", pipeline.CircleFile, "            docker load --input image.tar\n", "", "", "docker push", "neither built nor loaded"},
	{"S11", "node", pipeline.CircleFile, "--security-opt no-new-privileges app:build", "--security-opt no-new-privileges app:test", "", "docker save", "not run before docker save"},
	{"S11", "node", pipeline.CircleFile, "docker build --tag app:build .", "true", "", "docker save", "neither built nor loaded"},
	{"S11", "node", pipeline.CircleFile, `            docker push "$image"` + "\n", "", "", "", "nothing pushes"},
	{"S11", "node", pipeline.CircleFile, "      - checkout\n", "      - checkout\n      - run: docker login --username x --password-stdin < password\n", "", "docker login", "for forks"},
	{"S11", "node", pipeline.CircleShim, "configuration_path: circle.yml", "configuration_path: circle.yaml", "", "configuration_path", "does not exist"},
	{"S11", "node", pipeline.CircleShim, "setup: true\n", "", "", "", "circle.yml is not read"},
	{"S11", "node", pipeline.CircleShim, "          filters: pipeline.git.branch or pipeline.git.tag\n", "", "", "continuation/continue", "does not run for tags"},
	{"S11", "node", pipeline.CircleShim, "orbs:\n  continuation: circleci/continuation@1.1.0\n", "", "", "continuation/continue", "no orb continuation"},
	{"S11", "node", "README.md", "[![CircleCI](https://dl.circleci.com", "[![CircleCI](https://example.com", "", "# hello", ""},

	{"S11", "python", github, "needs: build", "needs: test", "", "needs", "does not exist"},
	{"S11", "python", github, "  pull_request:\n", "  pull_request:\n  pull_request_target:\nenv:\n  ref: ${{ github.event.pull_request.head.sha }}\n", "", "", ""},
	{"S11", "python", github, login, `docker login -u "$DOCKER_USER" -p "$DOCKER_PASS"`, "", "docker login", "on docker login's command line"},
	{"S11", "python", github, "docker load --input image.tar", "docker build --tag app:build .", "", "docker push", "not run before docker push"},
	{"S11", "python", github, "  pull_request:\n", "", "", "", "not built on every change"},
	{"S11", "python", github, "- name: Build the image", "- uses: docker/login-action@v3\n      - name: Build the image", "", "docker/login-action", "for forks"},
	{"S11", "python", github, "jobs:\n", "jobs: [\n", "", "", ""},
}

// A job that CircleCI does not read must not count as checked.
func TestCircleWithoutShimIsUndecided(t *testing.T) {
	t.Parallel()
	files := tree(t, "node")
	delete(files, pipeline.CircleShim)
	if got := of(t, CheckRepo(t.Context(), files), "S11"); got.Status != NotCheckable || got.Note == "" {
		t.Errorf("S11 is %s: %v", got.Status, got.Findings)
	}
}

// Other spellings of a compliant configuration must not fail.
func TestCompliantConfigurations(t *testing.T) {
	t.Parallel()
	circle := "version: 2.1\norbs: {}\n" + `
commands:
  image:
    steps:
      - run: docker build -t "$IMAGE" .
defaults: &defaults
  machine: {image: "ubuntu-2404:current"}
jobs:
  build:
    <<: *defaults
    steps:
      - checkout
      - image
      - run: |
          docker run --rm "$IMAGE" test
      - when:
          condition: << pipeline.git.tag >>
          steps:
            - run: |
                [ -n "$DOCKER_PASS" ] || exit 0
                echo "$DOCKER_PASS" | docker login -u "$DOCKER_USER" --password-stdin
                docker tag "$IMAGE" example/hello:"$CIRCLE_TAG"
                docker push example/hello:"$CIRCLE_TAG"
workflows:
  version: 2
  all:
    jobs:
      - build:
          filters:
            tags: {only: /.*/}
`
	files := fstest.MapFS{pipeline.CircleShim: {Data: []byte(circle)}, "README.md": {Data: []byte("![](https://circleci.com/gh/a/b.svg)")}}
	if got := of(t, CheckRepo(t.Context(), files), "S11"); got.Status != Pass {
		t.Errorf("S11 is %s: %v %s", got.Status, got.Findings, got.Note)
	}
}

// Commands that use each other twice must not take time that doubles with each.
func TestCommandsDoNotExplode(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("version: 2.1\njobs: {build: {steps: [c0]}}\nworkflows: {all: {jobs: [build]}}\ncommands:\n")
	for i := range 60 {
		fmt.Fprintf(&b, "  c%d: {steps: [c%d, c%d]}\n", i, i+1, i+1)
	}
	files := fstest.MapFS{pipeline.CircleShim: {Data: []byte(b.String())}}
	if got := of(t, CheckRepo(t.Context(), files), "S11"); got.Status == Pass {
		t.Errorf("S11 is %s", got.Status)
	}
}
