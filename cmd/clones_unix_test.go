//go:build unix

package cmd

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// clone is a folder with a project that an attacker prepared against users who run git in it. Every program that its git
// configuration names is the canary, which adds a line to the file sang.
type clone struct {
	*testing.T
	top, dir     string // the folder, and the project's folder in it
	canary, sang string
}

// clones lists the ways to make git read a configuration, each with a plain git command that proves it.
var clones = []struct {
	name string
	make func(clone) (dir string)
	wake []string // a git command in the project that runs the canary
}{
	{"a folder that looks like a repository", clone.lookalike, []string{"status"}},
	{"a folder that looks like one, and lacks objects", clone.lacking, []string{"cat-file", "-e", lost}},
	{"a folder that leads to a repository", clone.leading, []string{"cat-file", "-e", lost}},
	{"an unpacked repository", clone.unpacked, []string{"status"}},
	{"a repository with hooks elsewhere", clone.hooked, []string{"read-tree", "HEAD"}},
	{"a file that leads to a repository", clone.linked, []string{"status"}},
	{"a repository with an unfinished update", clone.unfinished, []string{"status"}},
	{"a repository with signed commits", clone.signed, []string{"log", "-1"}},
}

// lost is the id of an object missing from the database: the README.md that the template wrote.
var lost = tree.BlobID([]byte(releaseFiles()["README.md"]))

// releaseFiles returns the files of a project of the first release.
func releaseFiles() map[string]string {
	var t testing.T
	s := newRig("")
	s.Templates = release("1")
	s.run(&t, 0, "new out --template go --name hello --yes")
	return s.files(&t, "out")
}

func newClone(t *testing.T) clone {
	t.Helper()
	top := t.TempDir()
	c := clone{t, filepath.Join(top, "clone"), "", filepath.Join(top, "canary"), filepath.Join(top, "sang")}
	c.script(c.canary)
	return c
}

// script writes a canary.
func (c clone) script(name string) {
	c.Helper()
	write(c.T, filepath.Dir(name), map[string]string{filepath.Base(name): fmt.Sprintf("#!/bin/sh\necho \"$0 $*\" >> %q\nexit 1\n", c.sang)})
	if err := os.Chmod(name, 0o755); err != nil {
		c.Fatal(err)
	}
}

// project writes a project, with the user's changes, into a folder of the clone.
func (c clone) project(dir string) string {
	c.Helper()
	dir = filepath.Join(c.top, dir)
	files := maps.Clone(releaseFiles())
	files["README.md"] = strings.Replace(files["README.md"], "Run it.", "Press the button.", 1)
	delete(files, "old.txt")
	for name, text := range files {
		write(c.T, dir, map[string]string{strings.TrimSuffix(name, " +x"): text})
	}
	write(c.T, dir, map[string]string{"tmpl/template.yaml": "about: a\nversion: 1\n", "tmpl/files/a": "a\n", ".gitattributes": "* filter=evil diff=evil merge=evil\n"})
	return dir
}

// git runs plain git.
func (c clone) git(dir, stdin string, args ...string) (string, error) {
	c.Helper()
	git := exec.CommandContext(c.Context(), "git", args...)
	git.Dir, git.Stdin = dir, strings.NewReader(stdin)
	git.Env = append(os.Environ(), "HOME="+filepath.Dir(c.top), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	var said bytes.Buffer
	git.Stderr = &said
	out, err := git.Output()
	if err != nil {
		err = fmt.Errorf("git %v: %w: %s", args, err, said.String())
	}
	return strings.TrimSpace(string(out)), err
}

func (c clone) must(dir, stdin string, args ...string) string {
	c.Helper()
	out, err := c.git(dir, stdin, args...)
	if err != nil {
		c.Fatal(err)
	}
	return out
}

func (c clone) move(from, to string) {
	c.Helper()
	if err := os.Rename(filepath.Join(c.top, from), filepath.Join(c.top, to)); err != nil {
		c.Fatal(err)
	}
}

// commit creates a repository in a folder and commits its files.
func (c clone) commit(dir string) {
	c.Helper()
	c.must(dir, "", "init", "--quiet", "--initial-branch=main")
	c.must(dir, "", "add", "--all", "--force")
	c.must(dir, "", "commit", "--quiet", "--message", "x")
}

// lacks turns a repository into a partial clone, so that git asks a server for missing objects.
const lacks = `
[core]
	repositoryFormatVersion = 1
	sshCommand = CANARY ssh
[extensions]
	partialClone = origin
[remote "origin"]
	url = ssh://127.0.0.1:1/x
	promisor = true
`

// evil returns a configuration that names the canary in every setting that accepts a program.
const evil = lacks + `
[core]
	fsmonitor = CANARY fsmonitor
	pager = CANARY pager
	editor = CANARY editor
	askPass = CANARY
	gitProxy = CANARY
	alternateRefsCommand = CANARY alternates
	attributesFile = evil-attributes
	untrackedCache = true
[diff]
	external = CANARY external
[diff "evil"]
	textconv = CANARY textconv
	command = CANARY diff
[merge "evil"]
	driver = CANARY merge
[filter "evil"]
	clean = CANARY clean
	smudge = CANARY smudge
	required = true
[filter "evil.2"]
	process = CANARY process
[hook "evil"]
	command = CANARY hook
	event = post-index-change
[hook "evil.2"]
	command = CANARY hook
	event = reference-transaction
[gpg]
	program = CANARY
[gpg "ssh"]
	program = CANARY
	defaultKeyCommand = CANARY key
[log]
	showSignature = true
[commit]
	gpgSign = true
[credential]
	helper = !CANARY credential
[remote "origin"]
	uploadPack = CANARY uploadpack
	receivePack = CANARY receivepack
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[url "ext::CANARY "]
	insteadOf = http://
	insteadOf = https://
[alias]
	rev-parse = !CANARY alias
	config = !CANARY alias
	status = !CANARY alias
[pager]
	config = CANARY pager
	status = CANARY pager
	log = CANARY pager
[sequence]
	editor = CANARY editor
[interactive]
	diffFilter = CANARY filter
[trailer "evil"]
	command = CANARY trailer
	cmd = CANARY trailer
[uploadpack]
	packObjectsHook = CANARY pack
[gc]
	recentObjectsHook = CANARY gc
	auto = 1
[maintenance]
	auto = true
[submodule]
	recurse = true
[status]
	submoduleSummary = true
`

// configure appends to a configuration.
func (c clone) configure(file, text string) {
	c.Helper()
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		c.Fatal(err)
	}
	write(c.T, filepath.Dir(file), map[string]string{filepath.Base(file): string(old) + strings.ReplaceAll(text, "CANARY", c.canary)})
}

// lookalike is a clean repository with a subfolder that git takes for a repository.
func (c clone) lookalike() string {
	dir := c.project("sub")
	c.commit(dir)
	for _, name := range []string{"HEAD", "config", "index", "objects", "refs"} {
		c.move("sub/.git/"+name, "sub/"+name)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		c.Fatal(err)
	}
	c.configure(filepath.Join(dir, "config"), "[core]\n\tfsmonitor = CANARY fsmonitor\n\tworktree = .\n\tbare = false\n")
	c.must(c.top, "", "init", "--quiet")
	return dir
}

// lacking is a lookalike with objects that must be fetched.
func (c clone) lacking() string {
	dir := c.lookalike()
	c.lose(filepath.Join(dir, "objects"))
	c.configure(filepath.Join(dir, "config"), "[core]\n\tfsmonitor = false\n"+lacks)
	return dir
}

// lose removes the template's README.md from an object database. The user's README.md differs and stays.
func (c clone) lose(objects string) {
	if err := os.RemoveAll(filepath.Join(objects, lost[:2], lost[2:])); err != nil {
		c.Fatal(err)
	}
}

// leading is a clean repository with a subfolder that git takes for a repository because of a single file, HEAD.
func (c clone) leading() string {
	dir := c.project("sub")
	write(c.T, c.top, map[string]string{"sub/HEAD": "ref: refs/heads/main\n", "sub/commondir": "../other\n", "other/objects/x": "", "other/refs/x": ""})
	c.configure(filepath.Join(c.top, "other/config"), lacks)
	c.must(c.top, "", "init", "--quiet")
	return dir
}

// unpacked is a repository from an archive, with the evil configuration and hooks.
func (c clone) unpacked() string {
	dir := c.project("")
	c.commit(dir)
	c.plant(filepath.Join(dir, ".git"))
	return dir
}

func (c clone) plant(gitDir string) {
	c.Helper()
	c.configure(filepath.Join(gitDir, "config"), evil)
	write(c.T, gitDir, map[string]string{"info/attributes": "* filter=evil.2\n"})
	for _, hook := range []string{"post-index-change", "reference-transaction", "pre-commit", "commit-msg", "post-commit", "pre-auto-gc", "post-checkout", "fsmonitor-watchman"} {
		c.script(filepath.Join(gitDir, "hooks", hook))
	}
}

// hooked is a repository whose only programs are the hooks in a folder that its configuration names.
func (c clone) hooked() string {
	dir := c.project("")
	c.commit(dir)
	c.script(filepath.Join(dir, "githooks/post-index-change"))
	c.configure(filepath.Join(dir, ".git/config"), "[core]\n\thooksPath = githooks\n")
	return dir
}

// linked is a project from an archive whose .git file points to a repository elsewhere.
func (c clone) linked() string {
	dir := c.unpacked()
	c.move(".git", "evil")
	write(c.T, dir, map[string]string{".git": "gitdir: evil\n"})
	return dir
}

// unfinished has the conflicts of an update: each command reads git's index before it continues.
func (c clone) unfinished() string {
	dir := c.project("")
	c.commit(dir)
	s := newRig("")
	s.FS, s.Git, s.Templates = tree.Disk{}, runGit, release("2")
	if code := Run(c.Context(), []string{"update", dir}, s.Env); code != failure.Finding {
		c.Fatalf("exit %d: %s", code, s.err.String())
	}
	c.plant(filepath.Join(dir, ".git"))
	return dir
}

// signed has a signed commit that deletes the record; git would run a program to verify it.
func (c clone) signed() string {
	dir := c.project("")
	c.commit(dir)
	files := c.must(dir, "", "rev-parse", "HEAD^{tree}")
	var rest []string
	for entry := range strings.SplitSeq(c.must(dir, "", "ls-tree", files), "\n") {
		if !strings.HasSuffix(entry, "\t"+tree.RecordFile) {
			rest = append(rest, entry)
		}
	}
	less := c.must(dir, strings.Join(rest, "\n")+"\n", "mktree")
	commit := c.must(dir, fmt.Sprintf("tree %s\nparent %s\nauthor a <a@example.com> 0 +0000\ncommitter a <a@example.com> 0 +0000\n"+
		"gpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\nx\n", less, c.must(dir, "", "rev-parse", "HEAD")),
		"hash-object", "-t", "commit", "-w", "--stdin")
	c.must(dir, "", "update-ref", "HEAD", commit)
	c.configure(filepath.Join(dir, ".git/config"), "[log]\n\tshowSignature = true\n[gpg]\n\tprogram = CANARY\n")
	return dir
}
