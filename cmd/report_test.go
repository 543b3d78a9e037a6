package cmd

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	s := newRig("")
	if err := writeFile(s.FS, "out/README.md", "mine\n"); err != nil {
		t.Fatal(err)
	}
	decode := func(line string, code int) (got map[string]any) {
		t.Helper()
		s.run(t, code, line)
		if err := json.Unmarshal(s.out.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, s.out.String())
		}
		return got
	}
	file := func(path, action, mode string, size int) map[string]any {
		return map[string]any{"path": path, "action": action, "mode": mode, "size": float64(size)}
	}
	clash := file("README.md", "conflict", "0644", 40)
	clash["why"] = "has different content"
	record := file(".dockerflow.yaml", "create", "0644", 452)
	want := map[string]any{
		"dir":      "out",
		"template": "node",
		"dry_run":  true,
		"answers": map[string]any{
			"name": "out", "description": "<b> & \"q\"", "owner": "example", "image": "example/out",
			"ci": "none", "scope": "@example/out", "strict": true,
		},
		"files": []any{record, clash, file("bin/run", "create", "0755", 21), file("package.json", "create", "0644", 41)},
	}
	if err := writeFile(s.FS, "a.json", `{"description": "<b> & \"q\""}`); err != nil {
		t.Fatal(err)
	}
	const line = "new out --template node --ci none --answers a.json --yes --json"
	got := decode(line+" --dry-run", 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dry run (-want +got):\n%s", diff)
	}
	want["dry_run"] = false
	if diff := cmp.Diff(want, decode(line, 1)); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
	clash["action"] = "overwrite"
	if diff := cmp.Diff(want, decode(line+" --on-conflict overwrite", 0)); diff != "" {
		t.Errorf("overwrite (-want +got):\n%s", diff)
	}
	for _, f := range want["files"].([]any) {
		f.(map[string]any)["action"] = "identical"
	}
	delete(clash, "why")
	if diff := cmp.Diff(want, decode(line, 0)); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}

	// The sizes must match the files.
	for _, f := range want["files"].([]any) {
		f := f.(map[string]any)
		path := f["path"].(string)
		if f["mode"] == "0755" {
			path += " +x"
		}
		if size := len(s.files(t, "out")[path]); float64(size) != f["size"] {
			t.Errorf("%s has %d bytes, and %v in the report", path, size, f["size"])
		}
	}
}

func TestTemplatesJSON(t *testing.T) {
	t.Parallel()
	s := newRig("")
	s.run(t, 0, "templates --json")
	var got []struct {
		Name, About string
		Version     int
		Questions   []map[string]any
	}
	if err := json.Unmarshal(s.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Name != "go" || got[0].About != "a service in Go" || got[0].Version != 3 || len(got[0].Questions) != 7 {
		t.Fatalf("%+v", got)
	}
	want := map[string]any{
		"name": "ci", "ask": "Continuous integration", "hint": "what builds the container", "group": "Repository",
		"type": "choice", "default": "circleci", "choices": []any{
			map[string]any{"value": "circleci", "about": "a circle.yml"},
			map[string]any{"value": "github", "about": "a workflow"},
			map[string]any{"value": "none", "about": "no configuration"},
		},
	}
	if diff := cmp.Diff(want, got[0].Questions[4]); diff != "" {
		t.Error(diff)
	}
	keys := map[string]bool{}
	for _, q := range got[1].Questions {
		for k := range maps.Keys(q) {
			keys[k] = true
		}
	}
	if !keys["required"] || !keys["pattern"] || !keys["max"] {
		t.Errorf("keys: %v", keys)
	}
}
