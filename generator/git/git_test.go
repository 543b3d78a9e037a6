package git

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// environ is the environment of a user who has no settings.
func environ(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + filepath.Join(home, "gitconfig"),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}
}

// repo is a repository in a folder, next to a program that leaves a mark when it runs.
type repo struct {
	*testing.T
	home, dir, canary string
}

func newRepo(t *testing.T) repo {
	t.Helper()
	if !Installed("git") {
		t.Skip("git not found")
	}
	home := t.TempDir()
	r := repo{t, home, filepath.Join(home, "project"), filepath.Join(home, "bin", "git-remote-evil")}
	r.write("gitconfig", "")
	r.write("bin/git-remote-evil", "#!/bin/sh\necho x > '"+filepath.Join(home, "ran")+"'\nexit 1\n")
	if err := os.Chmod(r.canary, 0o755); err != nil {
		t.Fatal(err)
	}
	r.write("project/file", "one\n")
	r.write("project/.gitattributes", "* filter=evil diff=evil\n")
	r.plain("init", "--quiet")
	r.plain("add", ".")
	r.plain("commit", "--quiet", "--message", "x")
	return r
}

func (r repo) write(name, text string) {
	r.Helper()
	name = filepath.Join(r.home, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(text, "CANARY", r.canary)), 0o644); err != nil {
		r.Fatal(err)
	}
}

// plain runs git as a user would. It may fail.
func (r repo) plain(args ...string) string {
	r.Helper()
	c := exec.CommandContext(r.Context(), "git", args...)
	c.Dir, c.Env = r.dir, append(environ(r.home), "PATH="+filepath.Dir(r.canary)+":"+os.Getenv("PATH"))
	out, _ := c.CombinedOutput()
	return strings.TrimSpace(string(out))
}

// ran reports whether the canary ran since the last call.
func (r repo) ran() bool { return os.Remove(filepath.Join(r.home, "ran")) == nil }

// configure adds to the repository's own configuration.
func (r repo) configure(text string) {
	r.Helper()
	old, err := os.ReadFile(filepath.Join(r.dir, ".git", "config"))
	if err != nil {
		r.Fatal(err)
	}
	r.write("project/.git/config", string(old)+text)
}

// change makes git compare the file's content with the index.
func (r repo) change() { r.write("project/file", "two\n") }

const promisor = "[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tpartialClone = o\n[remote \"o\"]\n\tpromisor = true\n"

// missing is the id of an object that no repository here has.
const missing = "0123456789012345678901234567890123456789"

// programs are the ways in which a repository makes git run a program. The plain call runs it.
var programs = []struct {
	name   string
	config string
	make   func(repo)
	plain  []string
	later  bool // only newer versions of git support it
}{
	{"fsmonitor", "[core]\n\tfsmonitor = CANARY\n", nil, []string{"status"}, false},
	{"fsmonitor of an included file", "[include]\n\tpath = more\n", func(r repo) { r.write("project/.git/more", "[core]\n\tfsmonitor = CANARY\n") }, []string{"status"}, false},
	{"fsmonitor of a work tree", "[extensions]\n\tworktreeConfig = true\n", func(r repo) { r.write("project/.git/config.worktree", "[core]\n\tfsmonitor = CANARY\n") }, []string{"status"}, false},
	{"hook", "", hook(".git/hooks"), []string{"read-tree", "HEAD"}, false},
	{"hook of the user's", "[core]\n\thooksPath = githooks\n", hook("githooks"), []string{"read-tree", "HEAD"}, false},
	{"hook by configuration", "[hook \"evil\"]\n\tcommand = CANARY\n\tevent = post-index-change\n", nil, []string{"read-tree", "HEAD"}, true},
	{"clean filter", "[filter \"evil\"]\n\tclean = CANARY\n\trequired = true\n", repo.change, []string{"status"}, false},
	{"filter process", "[filter \"evil\"]\n\tprocess = CANARY\n", repo.change, []string{"status"}, false},
	{"filter whose name has dots", "[filter \"e.v.il\"]\n\tclean = CANARY\n", func(r repo) { r.write("project/.gitattributes", "file filter=e.v.il\n"); r.change() }, []string{"status"}, false},
	{"filter of attributes elsewhere", "[filter \"other\"]\n\tclean = CANARY\n[core]\n\tattributesFile = .git/more\n", func(r repo) {
		r.write("project/.gitattributes", "")
		r.write("project/.git/more", "* filter=other\n")
		r.change()
	}, []string{"status"}, false},
	{"ssh for a missing object", promisor + "\turl = ssh://127.0.0.1:1/x\n[core]\n\tsshCommand = CANARY\n", nil, []string{"cat-file", "-e", missing}, false},
	{"server program for a missing object", promisor + "\turl = .\n\tuploadPack = CANARY\n", nil, []string{"cat-file", "-e", missing}, false},
	{"transport for a missing object", promisor + "\turl = ext::CANARY\n[protocol \"ext\"]\n\tallow = always\n", nil, []string{"cat-file", "-e", missing}, false},
	{"remote helper for a missing object", promisor + "\turl = x\n\tvcs = evil\n", nil, []string{"cat-file", "-e", missing}, false},
	{"external diff", "[diff]\n\texternal = CANARY\n", repo.change, []string{"diff"}, false},
	{"diff driver", "[diff \"evil\"]\n\tcommand = CANARY\n", repo.change, []string{"diff"}, false},
	{"textconv", "[diff \"evil\"]\n\ttextconv = CANARY\n", nil, []string{"log", "-p"}, false},
	{"signature", "[log]\n\tshowSignature = true\n[gpg]\n\tprogram = CANARY\n", func(r repo) {
		r.plain("-c", "gpg.program=true", "commit", "--allow-empty", "--message", "x")
		tree := r.plain("rev-parse", "HEAD^{tree}")
		r.write("project/.git/signed", "tree "+tree+"\nauthor a <a@example.com> 0 +0000\ncommitter a <a@example.com> 0 +0000\n"+
			"gpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\nx\n")
		r.plain("update-ref", "HEAD", r.plain("hash-object", "-t", "commit", "-w", ".git/signed"))
	}, []string{"log"}, false},
	{"signing", "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = CANARY\n", nil, []string{"commit", "--allow-empty", "--message", "y"}, false},
	{"editor", "[core]\n\teditor = CANARY\n", nil, []string{"commit", "--allow-empty"}, false},
	{"alias", "[alias]\n\tevil = !CANARY\n", nil, []string{"evil"}, false},
	{"trailer", "[trailer \"evil\"]\n\tcommand = CANARY\n", nil, []string{"interpret-trailers", ".git/HEAD"}, false},
}

func hook(folder string) func(repo) {
	return func(r repo) {
		r.write("project/"+folder+"/post-index-change", "#!/bin/sh\nexec CANARY\n")
		if err := os.Chmod(filepath.Join(r.dir, folder, "post-index-change"), 0o755); err != nil {
			r.Fatal(err)
		}
	}
}

// everyCall returns one call of each kind that the program makes in a project.
func everyCall() []Command {
	entry := "100644 " + missing + " 0\tfile\x00"
	return []Command{
		{Args: []string{"rev-parse", "--is-inside-work-tree", "--show-object-format", "--absolute-git-dir", "--show-prefix"}},
		{Args: []string{"rev-parse", "--verify", "--quiet", "HEAD"}},
		{Args: []string{"config", "--get", "remote.o.url"}},
		{Args: []string{"ls-files", "--stage", "-t", "-z", "--", "."}},
		{Args: []string{"ls-tree", "-r", "-t", "-z", "-l", "--full-tree", "HEAD"}},
		{Args: []string{"status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=all", "--", "."}},
		{Args: []string{"check-attr", "-z", "--stdin", "filter"}, Stdin: "file"},
		{Args: []string{"log", "-1", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--diff-filter=D", "--format=%h", "--", "file"}},
		{Args: []string{"log", "--format=%H"}},
		{Args: []string{"cat-file", "--batch"}, Stdin: missing + "\n"},
		{Args: []string{"hash-object", "-w", "--stdin-paths"}, Stdin: "file\n"},
		{Args: []string{"hash-object", "-w", "--stdin-paths", "--no-filters"}, Stdin: "file\n"},
		{Args: []string{"update-index", "-z", "--index-info"}, Stdin: entry},
		{Args: []string{"var", "GIT_COMMITTER_IDENT"}},
	}
}

// Plain git runs every program that a repository names; no call of this package does.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	for _, program := range programs {
		t.Run(program.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t)
			r.configure(program.config)
			if program.make != nil {
				program.make(r)
			}
			said := r.plain(program.plain...)
			if !r.ran() && !program.later {
				t.Fatalf("plain git does not run it, so this proves nothing: %s", said)
			}
			for _, call := range everyCall() {
				for _, lazy := range []string{"1", "0"} { // like a git that does not support the variable
					call.Dir, call.Environ = r.dir, append(environ(r.home), "PATH="+filepath.Dir(r.canary)+":"+os.Getenv("PATH"))
					call.Set = []string{"GIT_NO_LAZY_FETCH=" + lazy}
					_, err := call.Output(t.Context())
					if r.ran() {
						t.Errorf("git %v runs it, without lazy fetch %s", call.Args, lazy)
					}
					if lazy == "1" && err != nil && call.Args[0] == "status" {
						t.Errorf("git %v: %v", call.Args, err)
					}
				}
			}
		})
	}
}

// A command that is not on the list is not run.
func TestUnknownCommands(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	for _, name := range []string{"diff", "show", "checkout", "gc", "submodule", "evil"} {
		if _, err := (Command{Dir: r.dir, Program: r.canary, Args: []string{name}}).Output(t.Context()); err == nil || r.ran() {
			t.Errorf("git %s: %v", name, err)
		}
	}
}

// A name that git's command line cannot contain cannot be turned off.
func TestNamesOfFilters(t *testing.T) {
	t.Parallel()
	keys := []string{"filter.a.clean", "filter.a.smudge", "filter.b.c.process", "filter.clean", "hook.x.command", "hook.x.event", "hook.jobs", ""}
	off, err := switches(keys, false)
	want := []string{
		"filter.a.clean=", "filter.a.smudge=", "filter.a.process=", "filter.a.required=false",
		"filter.b.c.clean=", "filter.b.c.smudge=", "filter.b.c.process=", "filter.b.c.required=false", "hook.x.enabled=false",
	}
	if diff := cmp.Diff(want, off); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if off, err := switches(keys, true); !slices.Equal(off, []string{"hook.x.enabled=false"}) || err != nil {
		t.Errorf("for a commit: %q, %v", off, err)
	}
	r := newRepo(t)
	r.configure("[filter \"a=b\"]\n\tclean = CANARY\n")
	r.write("project/.gitattributes", "* filter=a=b\n")
	r.change()
	_, err = Command{Dir: r.dir, Environ: environ(r.home), Args: []string{"status"}}.Output(t.Context())
	if err == nil || !strings.Contains(err.Error(), `"filter.a=b", which cannot be turned off`) || r.ran() {
		t.Errorf("got %v", err)
	}
	if r.plain("status"); !r.ran() {
		t.Error("plain git does not run it, so this proves nothing")
	}
}

// A folder that only looks like a repository is not one, unless it is named.
func TestLookalikes(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	bare := filepath.Join(r.home, "bare")
	r.plain("clone", "--quiet", "--bare", r.dir, bare)
	call := Command{Dir: bare, Environ: environ(r.home), Args: []string{"rev-parse", "HEAD"}}
	if _, err := call.Output(t.Context()); err == nil || !strings.Contains(err.Error(), "safe.bareRepository") {
		t.Errorf("found: %v", err)
	}
	call.GitDir = bare
	if out, err := call.Output(t.Context()); err != nil || len(out) < 40 {
		t.Errorf("named: %q, %v", out, err)
	}
}

// A commit runs what the user has configured, except hooks, and never asks for a login.
func TestCommit(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	commit := func(config string, args ...string) error {
		r.write("gitconfig", config)
		_, err := Command{Purpose: Commit, Dir: r.dir, Environ: environ(r.home), Args: args}.Output(t.Context())
		return err
	}
	r.change()
	if err := commit("[filter \"evil\"]\n\tclean = CANARY; cat\n", "add", "."); err != nil || !r.ran() {
		t.Errorf("the user's filter did not run: %v", err)
	}
	if err := commit("[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = CANARY\n", "commit", "--message", "y"); err == nil || !r.ran() {
		t.Errorf("the user's program did not sign: %v", err)
	}
	hook(".git/hooks")(r)
	if err := commit("[hook \"x\"]\n\tcommand = CANARY\n\tevent = pre-commit\n[core]\n\teditor = CANARY\n", "commit", "--quiet", "--message", "y"); err != nil || r.ran() {
		t.Errorf("a hook or an editor ran: %v", err)
	}
}

// No protocol is allowed except in a fetch, and there only the named ones.
func TestProtocols(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	for _, test := range []struct {
		purpose   Purpose
		protocols []string
		want      string
	}{
		{Project, []string{"file"}, "transport 'file' not allowed"},
		{Commit, []string{"file"}, "transport 'file' not allowed"},
		{Fetch, nil, "transport 'file' not allowed"},
		{Fetch, []string{"https", "ssh"}, "transport 'file' not allowed"},
		{Fetch, []string{"https", "file"}, ""},
	} {
		_, err := Command{Purpose: test.purpose, Protocols: test.protocols, Dir: r.home, Environ: environ(r.home), Args: []string{"ls-remote", r.dir}}.Output(t.Context())
		if got := fmt.Sprint(err); (err == nil) != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%v %v: got %v, want %q", test.purpose, test.protocols, err, test.want)
		}
	}
}

// names returns the names of the variables, sorted.
func names(env []string) (list []string) {
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	user := []string{
		"PATH=.:" + dir + ":bin:", "HOME=/h", "https_proxy=x", "TOKEN=x", "LANG=x", "LC_ALL=x", "EMAIL=x", "GNUPGHOME=x", "SSH_AUTH_SOCK=x", "Path_x=x",
		"GIT_CONFIG_GLOBAL=x", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=a.b", "GIT_CONFIG_VALUE_0=c", "GIT_TRACE=1", "GIT_AUTHOR_NAME=x", "GIT_SSH_COMMAND=x",
		"GIT_SSL_CAINFO=x", "GIT_ASKPASS=x",
	}
	for _, name := range []string{"DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "ALTERNATE_OBJECT_DIRECTORIES", "COMMON_DIR", "NAMESPACE", "PREFIX",
		"CONFIG_PARAMETERS", "CONFIG", "EXTERNAL_DIFF", "PROXY_COMMAND", "TEMPLATE_DIR", "SHALLOW_FILE", "GRAFT_FILE", "REPLACE_REF_BASE", "QUARANTINE_PATH",
		"IMPLICIT_WORK_TREE", "ATTR_SOURCE", "REF_PARANOIA", "REDIRECT_STDOUT", "PROTOCOL_FROM_USER", "LITTLE_KNOWN"} {
		user = append(user, "GIT_"+name+"=x")
	}
	always := []string{"GIT_ALLOW_PROTOCOL", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_EDITOR", "GIT_LITERAL_PATHSPECS",
		"GIT_NO_LAZY_FETCH", "GIT_NO_REPLACE_OBJECTS", "GIT_OPTIONAL_LOCKS", "GIT_PAGER", "GIT_SEQUENCE_EDITOR", "GIT_TERMINAL_PROMPT", "GIT_TRACE", "HOME", "LC_ALL", "PATH"}
	for purpose, more := range map[Purpose][]string{
		Project: nil,
		Commit:  {"EMAIL", "GIT_AUTHOR_NAME", "GNUPGHOME", "SSH_AUTH_SOCK"},
		Fetch:   {"EMAIL", "GIT_ASKPASS", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GNUPGHOME", "LANG", "Path_x", "SSH_AUTH_SOCK", "TOKEN", "https_proxy"},
	} {
		env := Command{Purpose: purpose, Environ: user}.environ()
		if diff := cmp.Diff(names(append(slices.Clone(always), more...)), names(env)); diff != "" {
			t.Errorf("for %v (-want +got):\n%s", purpose, diff)
		}
		for _, want := range []string{"PATH=" + dir, "GIT_CONFIG_COUNT=1", "LC_ALL=C"} {
			if !slices.Contains(env, want) {
				t.Errorf("for %v: no %s in %q", purpose, want, env)
			}
		}
	}
	env := Command{Purpose: Fetch, Environ: user, Terminal: true, Login: [][2]string{{"k", "v"}}, Protocols: []string{"https", "ssh"}}.environ()
	for _, want := range []string{"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_1=k", "GIT_CONFIG_VALUE_1=v", "GIT_ALLOW_PROTOCOL=https:ssh"} {
		if !slices.Contains(env, want) {
			t.Errorf("no %s in %q", want, env)
		}
	}
	if slices.Contains(env, "GIT_TERMINAL_PROMPT=0") {
		t.Error("git may not ask on the terminal")
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	_, err := Command{Dir: r.dir, Environ: environ(r.home), Args: []string{"rev-parse", "--verify", "none"}}.Output(t.Context())
	var failed *Error
	if !errors.As(err, &failed) || failed.Code != 128 || err.Error() != "git rev-parse: Needed a single revision" {
		t.Errorf("got %v", err)
	}
	for said, want := range map[string]string{
		"":                                  "exit status 3",
		"\n warning: a\nfatal: b\nfatal: c": "b",
		"error: a\nhint: b\n":               "error: a",
	} {
		if got := (&Error{Command: "x", Said: said, Code: 3}).Line(); got != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
	_, err = Command{Dir: r.dir, Program: "no-such-program", Args: []string{"config", "a.b"}}.Output(t.Context())
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("without git: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Command{Dir: r.dir, Args: []string{"config", "a.b"}}).Output(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: %v", err)
	}
}

// Only this package, and the one for container engines, may start programs.
func TestNothingElseStartsPrograms(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{"generator/git": true, "generator/contract/image": true}
	root, seen := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		way, _ := filepath.Rel(root, p)
		if d.IsDir() && (way == ".ci" || way == ".git" || d.Name() == "testdata" || way == "templates" || way == "golden") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			if imported.Path.Value != `"os/exec"` {
				continue
			}
			seen++
			if !allowed[filepath.ToSlash(filepath.Dir(way))] {
				t.Errorf("%s imports os/exec", way)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d files, %v", seen, err)
	}
}
