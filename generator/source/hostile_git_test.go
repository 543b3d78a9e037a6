package source

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostileTrees are commits that are refused. The key of a file is its mode and path; each commit has a template.yaml.
var hostileTrees = []struct {
	name  string
	files map[string]string
	want  string
}{
	{"link", map[string]string{"120000 files/a": "/etc/passwd"}, `"files/a" is a link`},
	{"link in parts", map[string]string{"120000 parts/a": "../../x"}, `"parts/a" is a link`},
	{"link for the manifest", map[string]string{"120000 template.yaml": "files/a", "100644 files/a": "about: a\n"}, `"template.yaml" is a link`},
	{"link for files", map[string]string{"120000 files": "/etc"}, `"files" is a link`},
	{"submodule", map[string]string{"160000 files/a": sha1ID}, `"files/a" is a submodule`},
	{"submodule for files", map[string]string{"160000 files": sha1ID}, `"files" is a submodule`},
	{"files is a file", map[string]string{"100644 files": "a"}, "files is not a folder"},
	{"manifest is a folder", map[string]string{"100644 template.yaml/a": "a"}, `"template.yaml" is a folder`},
	{"huge manifest", map[string]string{"100644 template.yaml": bigText}, "at most 1 MiB"},
	{"huge part", map[string]string{"100644 parts/a": bigText}, "at most 1 MiB"},
	{"huge template", map[string]string{"100644 files/a.tmpl": bigText}, "at most 1 MiB"},
	{"huge file", map[string]string{"100644 files/a": strings.Repeat("a", maxFile+1)}, "at most 16 MiB"},
	{"long name", map[string]string{"100644 files/" + strings.Repeat("a", maxPath): ""}, "at most 211 bytes"},
	{"deep path", map[string]string{"100644 files/" + strings.Repeat("a/", maxElements) + "a": ""}, "at most 33 elements"},
	{"case", map[string]string{"100644 files/a": "", "100644 files/A": ""}, "only in case"},
	{"case of a folder", map[string]string{"100644 files/a/x": "", "100644 files/A/y": ""}, "only in case"},
	{"backslash", map[string]string{`100644 files/a\b`: ""}, "backslash"},
	{"newline", map[string]string{"100644 files/a\nb": ""}, "control"},
	{"bidi", map[string]string{"100644 files/\u202eb": ""}, "control"},
}

func TestHostileTrees(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	all := map[string]string{}
	for i, test := range hostileTrees {
		_, isLink := test.files["120000 template.yaml"]
		if _, isFolder := test.files["100644 template.yaml/a"]; !isLink && !isFolder {
			all[fmt.Sprintf("100644 %d/template.yaml", i)] = "about: a\n"
		}
		for entry, content := range test.files {
			mode, p, _ := strings.Cut(entry, " ")
			all[fmt.Sprintf("%s %d/%s", mode, i, p)] = content
		}
	}
	o.imported(t, "all", all)
	run(t, o.dir, "tag", "all", "all")
	r := disk(t.TempDir())
	for i, test := range hostileTrees {
		_, err := r.Open(t.Context(), parse(t, fmt.Sprintf("%s//%d@all", o.url, i)))
		fails(t, test.name, err, test.want)
	}
	t.Logf("%d samples", len(hostileTrees))
}

// A fetched repository is checked before it is read: a small one can contain any number of files.
func TestHostileObjects(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	blob := o.pipe(t, "about: a\n", "hash-object", "-w", "--stdin")
	tree := func(entries string) string { return o.pipe(t, entries, "mktree", "--missing") }
	template := fmt.Sprintf("100644 blob %s\ttemplate.yaml\n", blob)
	bombOf := func(leaf string, levels int) string {
		for range levels {
			var level strings.Builder
			for j := range 100 {
				fmt.Fprintf(&level, "040000 tree %s\t%03d\n", leaf, j)
			}
			leaf = tree(level.String())
		}
		return leaf
	}
	empty := tree("")
	var wide strings.Builder
	for i := range maxFiles + 1 {
		fmt.Fprintf(&wide, "100644 blob %s\t%05d\n", blob, i)
	}
	var large strings.Builder
	zeros := o.pipe(t, strings.Repeat("\x00", maxFile), "hash-object", "-w", "--stdin")
	for i := range 9 {
		fmt.Fprintf(&large, "100644 blob %s\t%d\n", zeros, i)
	}
	deep := tree(template)
	for range maxElements {
		deep = tree(fmt.Sprintf("040000 tree %s\ta\n", deep))
	}
	raw := o.pipe(t, "100644 ../../x\x00"+strings.Repeat("\x01", 20), "hash-object", "-t", "tree", "-w", "--stdin", "--literally")
	samples := []struct{ name, tree, want string }{
		{"many files", template + "040000 tree " + tree(wide.String()) + "\tfiles\n", "at most 20000"},
		{"bomb of files", template + "040000 tree " + bombOf(tree(template), 5) + "\tfiles\n", "at most 20000"},
		{"bomb of folders", template + "040000 tree " + bombOf(empty, 6) + "\tfiles\n", "at most 20000"},
		{"bomb of bytes", template + "040000 tree " + tree(large.String()) + "\tfiles\n", "at most 128 MiB"},
		{"deep", template + "040000 tree " + deep + "\tfiles\n", "at most 33 elements"},
		{"name of 70 KB", template + "040000 tree " + tree(fmt.Sprintf("100644 blob %s\t%s\n", blob, strings.Repeat("a", 70_000))) + "\tfiles\n", "a path is too long"},
		{"name in .git", template + "040000 tree " + tree(fmt.Sprintf("100644 blob %s\t.git\n", blob)) + "\tfiles\n", "git fetch: "},
		{"path as a name", template + "040000 tree " + raw + "\tfiles\n", "git fetch: "},
	}
	r := disk(t.TempDir())
	for i, test := range samples {
		commit := o.pipe(t, "", "commit-tree", "-m", "x", tree(test.tree))
		run(t, o.dir, "branch", fmt.Sprint("b", i), commit)
		_, err := r.Open(t.Context(), parse(t, o.url+fmt.Sprint("@b", i)))
		fails(t, test.name, err, test.want)
	}
	t.Logf("%d samples", len(samples))
}

func TestHostileRefs(t *testing.T) {
	t.Parallel()
	o := serve(t, map[string]string{"README.md": "x", "sub/template.yaml": "about: a\n", "sub/files/a": "a"})
	run(t, o.dir, "tag", "v1.0.0")
	run(t, o.dir, "tag", "v1.10.0")
	run(t, o.dir, "tag", "v1.9.0")
	run(t, o.dir, "tag", "-a", "-m", "x", "tree", "HEAD^{tree}")
	run(t, o.dir, "tag", "blob", "HEAD:README.md")
	o.imported(t, "link", map[string]string{"120000 sub": "other", "100644 other/template.yaml": "about: a\n", "100644 other/files/a": "a"})
	none := serve(t, small)
	run(t, none.dir, "symbolic-ref", "HEAD", "refs/heads/none")
	id := run(t, o.dir, "rev-parse", "HEAD")
	r := disk(t.TempDir())
	samples := []struct{ name, in, want string }{
		{"no such ref", o.url + "@v2", "there is no tag or branch v2; the latest tags are v1.10.0, v1.9.0, v1.0.0"},
		{"part of a ref", o.url + "@v1", "there is no tag or branch v1;"},
		{"a full ref", o.url + "@refs/tags/v1.0.0", "there is no tag or branch"},
		{"short id", o.url + "@" + id[:12], "needs all 40 digits"},
		{"no such id", o.url + "@" + sha1ID, "no such commit"},
		{"id of a tree", o.url + "@" + run(t, o.dir, "rev-parse", "HEAD^{tree}"), "does not point to one"},
		{"tag of a tree", o.url + "@tree", "does not point to one"},
		{"tag of a blob", o.url + "@blob", "does not point to one"},
		{"no template", o.url, "want a template.yaml there"},
		{"no such sub", o.url + "//none", "want a template.yaml there"},
		{"sub is a file", o.url + "//README.md", "want a template.yaml there"},
		{"sub is a link", o.url + "//sub@link", "want a template.yaml there"},
		{"empty repository", none.url, "has no commit"},
		{"no such repository", o.url + "x", "no such repository"},
	}
	for _, test := range samples {
		_, err := r.Open(t.Context(), parse(t, test.in))
		fails(t, test.name, err, test.want)
	}
	t.Logf("%d samples", len(samples))
}

// canary writes a program that creates a file when it runs.
func canary(t *testing.T, dir, name string) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho x > %q\ncase $0 in */smudge) cat ;; esac\n", filepath.Join(dir, "ran-"+strings.ReplaceAll(name, "/", "-")))
	if err := os.WriteFile(p, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return p
}

func ran(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "ran-*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = strings.TrimPrefix(filepath.Base(all[i]), "ran-")
	}
	return all
}

// None of the programs that git would run for a clone of this repository runs, and no text is converted.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	attributes := "* filter=evil diff=evil merge=evil\n*.txt text eol=crlf ident export-subst\nfiles/utf16 working-tree-encoding=UTF-16\n"
	files := map[string]string{
		"template.yaml": "about: a\n", "files/a.txt": "$Format:%H$ $Id$\n", "files/utf16": "ä\n", "parts/x": "x\n",
		"files/lfs": "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0", 64) + "\nsize 1\n",
	}
	all := maps.Clone(files)
	all[".gitattributes"] = attributes
	files["files/.gitattributes"] = attributes
	all["files/.gitattributes"] = attributes
	o := serve(t, nil)
	all[".gitmodules"] = fmt.Sprintf("[submodule \"x\"]\n\tpath = x\n\turl = %s/canary.git\n", o.server.URL)
	withModes := map[string]string{"160000 x": run(t, o.dir, "rev-parse", "HEAD")}
	for p, text := range all {
		withModes["100644 "+p] = text
	}
	o.imported(t, "main2", withModes)
	run(t, o.dir, "symbolic-ref", "HEAD", "refs/heads/main2")
	seen := &requests{}
	o.first = seen.note

	dir := t.TempDir()
	hooks := []string{"post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc", "post-merge", "post-update", "update", "pre-receive", "fsmonitor-watchman"}
	for _, hook := range hooks {
		canary(t, dir, "hooks/"+hook)
		canary(t, dir, "template/hooks/"+hook)
		canary(t, dir, "envtemplate/hooks/"+hook)
	}
	config := fmt.Sprintf(`
[core]
	hooksPath = %[1]s/hooks
	fsmonitor = %[2]s
	alternateRefsCommand = %[3]s
	sshCommand = %[4]s
	pager = %[5]s
	editor = %[5]s
	autocrlf = true
[init]
	templateDir = %[1]s/template
[filter "evil"]
	smudge = %[6]s
	clean = %[7]s
	required = true
[filter "lfs"]
	smudge = %[6]s
[diff]
	external = %[8]s
[diff "evil"]
	textconv = %[8]s
[gc]
	auto = 1
[fetch]
	recurseSubmodules = true
	writeCommitGraph = true
[submodule]
	recurse = true
[protocol]
	allow = always
`, dir, canary(t, dir, "fsmonitor"), canary(t, dir, "alternates"), canary(t, dir, "ssh"), canary(t, dir, "pager"), canary(t, dir, "smudge"), canary(t, dir, "clean"), canary(t, dir, "external"))

	victim := t.TempDir()
	run(t, victim, "init", "--quiet")
	g := by(t, config, "GIT_TEMPLATE_DIR="+dir+"/envtemplate", "GIT_DIR="+victim+"/.git", "GIT_WORK_TREE="+victim, "GIT_INDEX_FILE="+victim+"/index",
		"GIT_OBJECT_DIRECTORY="+victim+"/objects", "GIT_COMMON_DIR="+victim+"/.git", "GIT_NAMESPACE=x", "GIT_EXTERNAL_DIFF="+canary(t, dir, "envdiff"))
	before := size(victim)
	found, err := g.open(t.Context(), parse(t, o.url))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, found, files)
	if got := ran(t, dir); len(got) > 0 || size(victim) != before {
		t.Errorf("%v ran; the repository in the environment has %d bytes, had %d", got, size(victim), before)
	}
	if seen.has("canary") {
		t.Error("the submodule was fetched")
	}
	if hooks, err := filepath.Glob(filepath.Join(g.cache, "git", "*", "hooks")); len(hooks) > 0 || err != nil {
		t.Errorf("there are %v, %v", hooks, err)
	}

	// The same with plain git, to prove that the canaries work.
	c := plainGit(t, g, "clone", "--quiet", "--recurse-submodules", o.url, filepath.Join(t.TempDir(), "clone"))
	_ = c.Run()
	got := fmt.Sprint(ran(t, dir))
	for _, want := range []string{"smudge", "hooks-post-checkout", "hooks-reference-transaction", "fsmonitor"} {
		if !strings.Contains(got, want) {
			t.Errorf("by plain git %s ran, not %s", got, want)
		}
	}
	if !seen.has("canary") {
		t.Error("plain git did not fetch the submodule")
	}
}
