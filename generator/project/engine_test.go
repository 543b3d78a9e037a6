package project_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/merge"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// The first and the second version of a template.
const (
	first = `
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, required: true}
-- common/files/README.md.tmpl --
# <% .name %>
-- svc/template.yaml --
about: a service
extends: common
version: 1
-- svc/files/clash.txt --
one
-- svc/files/keep.txt --
one
-- svc/files/merge.txt --
one
two
three
four
five
six
seven
-- svc/files/take.txt --
one
`
	second = `
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, required: true}
-- common/files/README.md.tmpl --
# <% .name %>
-- svc/template.yaml --
about: a service
extends: common
version: 2
-- svc/files/clash.txt --
theirs
-- svc/files/keep.txt --
one
-- svc/files/merge.txt --
one
two
three
four
five
six
theirs
-- svc/files/new.txt --
new
-- svc/files/take.txt --
theirs
`
)

// repo is a project of the first version in its own git repository.
type repo struct {
	*testing.T
	dir     string
	environ []string
	notes   []string
}

func newRepo(t *testing.T) *repo {
	t.Helper()
	if !git.Installed("git") {
		t.Skip("no git")
	}
	home := t.TempDir()
	r := &repo{T: t, dir: t.TempDir(), environ: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org",
	}}
	svc := r.template(first)
	a := r.answers(svc)
	files, err := svc.Render(a)
	if err != nil {
		t.Fatal(err)
	}
	files[tree.RecordFile] = project.NewRecord(svc, a, project.Written{Files: files})
	for name, f := range files {
		r.write(name, string(f.Data))
	}
	if says, err := project.FirstCommit(t.Context(), r.run, r.dir, files, "made"); err != nil || says != "" {
		t.Fatalf("first commit: %q, %v", says, err)
	}
	return r
}

// run is a git.Runner without the user's configuration.
func (r *repo) run(ctx context.Context, c git.Command) (string, error) {
	c.Environ = r.environ
	return c.Output(ctx)
}

func (r *repo) template(text string) *template.Template {
	r.Helper()
	all, err := template.Load(templatetest.Files(text), nil)
	if err != nil {
		r.Fatal(err)
	}
	return all[0]
}

func (r *repo) answers(svc *template.Template) template.Answers {
	r.Helper()
	a, err := svc.Resolve(map[string]string{"name": "hello"})
	if err != nil {
		r.Fatal(err)
	}
	return a
}

func (r *repo) write(name, text string) {
	r.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r *repo) read(name string) string {
	r.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.Fatal(err)
	}
	return string(data)
}

// git runs git as the user would.
func (r *repo) git(args ...string) string {
	r.Helper()
	c := exec.CommandContext(r.Context(), "git", args...)
	c.Dir, c.Env = r.dir, r.environ
	out, err := c.CombinedOutput()
	if err != nil {
		r.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// commit changes files and commits them, as the user would.
func (r *repo) commit(files map[string]string) {
	r.Helper()
	for name, text := range files {
		r.write(name, text)
	}
	r.git("commit", "--quiet", "--all", "--message", "mine")
}

// open opens the project and reads its record.
func (r *repo) open(fsys tree.FS) *project.Project {
	r.Helper()
	note := func(format string, args ...any) { r.notes = append(r.notes, fmt.Sprintf(format, args...)) }
	p, err := project.Open(r.Context(), fsys, r.run, r.dir, note)
	if err != nil {
		r.Fatal(err)
	}
	if err := p.Load(); err != nil {
		r.Fatal(err)
	}
	return p
}

func (r *repo) plan(p *project.Project) *project.UpdatePlan {
	r.Helper()
	svc := r.template(second)
	u, err := p.PlanUpdate(r.Context(), svc, r.answers(svc))
	if err != nil {
		r.Fatal(err)
	}
	return u
}

// update updates the project to the second version.
func (r *repo) update() *project.UpdatePlan {
	r.Helper()
	u := r.plan(r.open(tree.Disk{}))
	if err := u.Preflight(r.Context(), false); err != nil {
		r.Fatal(err)
	}
	if err := u.Apply(r.Context()); err != nil {
		r.Fatal(err)
	}
	return u
}

// state returns everything that an abort must restore: the files and git's index.
func (r *repo) state() map[string]string {
	r.Helper()
	found := treetest.Look(r.T, r.dir)
	for name := range found {
		if name == ".git" || strings.HasPrefix(name, ".git/") {
			delete(found, name)
		}
	}
	found["index"] = r.git("ls-files", "--stage")
	return found
}

// remembers reports whether a state folder exists.
func (r *repo) remembers() bool {
	r.Helper()
	found, err := filepath.Glob(filepath.Join(r.dir, ".git", "dockerflow-update*"))
	if err != nil {
		r.Fatal(err)
	}
	return len(found) > 0
}

// wants checks the exit code of an error and a part of its text.
func (r *repo) wants(err error, code int, text string) {
	r.Helper()
	var f *failure.Error
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Error(), text) {
		r.Errorf("error %v, want code %d and %q", err, code, text)
	}
}

// What only the template changed is taken, what only the user changed is kept, and what both changed is merged.
func TestUpdateTakesKeepsAndMerges(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	mine := "mine\ntwo\nthree\nfour\nfive\nsix\nseven\n"
	r.commit(map[string]string{"keep.txt": "mine\n", "merge.txt": mine})
	r.git("rm", "--quiet", "clash.txt")
	r.git("commit", "--quiet", "--message", "away")
	u := r.update()
	got := map[string]merge.Action{}
	for _, m := range u.Merged {
		got[m.Path] = m.Action
	}
	want := map[string]merge.Action{"clash.txt": merge.Deleted, "keep.txt": merge.Keep, "README.md": merge.Identical, "merge.txt": merge.Both, "new.txt": merge.Create, "take.txt": merge.Take}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("actions:\n%s", diff)
	}
	for name, text := range map[string]string{"keep.txt": "mine\n", "merge.txt": strings.Replace(mine, "seven", "theirs", 1), "new.txt": "new\n", "take.txt": "theirs\n"} {
		if got := r.read(name); got != text {
			t.Errorf("%s: %q, want %q", name, got, text)
		}
	}
	if r.remembers() {
		t.Error("an update without conflicts left its state")
	}
	if p := r.open(tree.Disk{}); p.Record.Version != 2 || !r.plan(p).UpToDate() {
		t.Errorf("version %d, up to date: %v", p.Record.Version, r.plan(p).UpToDate())
	}
}

// A conflict has its sides in the file and in git's index, and blocks other runs until it is resolved.
func TestUpdateWithAConflict(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(map[string]string{"clash.txt": "mine\n"})
	u := r.update()
	if c := u.Conflicts(); len(c) != 1 || c[0].Path != "clash.txt" {
		t.Errorf("conflicts: %v", c)
	}
	for stage, want := range map[string]string{":1:clash.txt": "one\n", ":2:clash.txt": "mine\n", ":3:clash.txt": "theirs\n"} {
		if got := r.git("show", stage); got != want {
			t.Errorf("%s: %q, want %q", stage, got, want)
		}
	}
	if got := r.read("clash.txt"); !strings.Contains(got, "<<<<<<< yours\nmine\n") || !strings.Contains(got, "=======\ntheirs\n>>>>>>> template svc, version 2") {
		t.Errorf("clash.txt: %q", got)
	}
	if unmerged := strings.Count(r.git("ls-files", "--unmerged"), "\n"); unmerged != 3 || !r.remembers() {
		t.Errorf("%d entries are unmerged; state: %v", unmerged, r.remembers())
	}
	r.wants(r.open(tree.Disk{}).CheckIdle(t.Context()), failure.Finding, "an update is not finished: resolve the conflicts in clash.txt")
	r.wants(r.open(tree.Disk{}).Settle(t.Context()), failure.Finding, "an update is not finished: resolve the conflicts in clash.txt")
}

// Abort restores files, modes and git's index. A second abort has nothing to undo.
func TestAbort(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(map[string]string{"clash.txt": "mine\n", "keep.txt": "mine\n"})
	before := r.state()
	r.update()
	if cmp.Equal(before, r.state()) {
		t.Fatal("the update changed nothing")
	}
	if err := r.open(tree.Disk{}).Abort(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, r.state()); diff != "" || r.remembers() {
		t.Errorf("state folder: %v; the project changed:\n%s", r.remembers(), diff)
	}
	r.wants(r.open(tree.Disk{}).Abort(t.Context(), false), failure.Failed, "there is no update to undo")
}

// Settle finishes an update when its conflicts are resolved and added; after a commit, abort refuses.
func TestSettleFinishesWhatIsDecided(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(map[string]string{"clash.txt": "mine\n"})
	r.update()
	r.write("clash.txt", "both\n")
	r.wants(r.open(tree.Disk{}).Settle(t.Context()), failure.Finding, "clash.txt") // git still has three sides
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message", "updated")
	r.wants(r.open(tree.Disk{}).Abort(t.Context(), false), failure.Failed, "there was a commit since the update")
	if err := r.open(tree.Disk{}).Settle(t.Context()); err != nil || r.remembers() {
		t.Errorf("settle: %v; state: %v", err, r.remembers())
	}
	r.wants(r.open(tree.Disk{}).Abort(t.Context(), true), failure.Failed, "there is no update to undo")
	if got := r.read("clash.txt"); got != "both\n" {
		t.Errorf("clash.txt: %q", got)
	}
}

// An update that would overwrite changes that git cannot restore needs force.
func TestPreflight(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"take.txt": "1 file not committed: take.txt",
		"new.txt":  "1 untracked file would change: new.txt",
	} {
		r := newRepo(t)
		r.write(name, "mine\n")
		u := r.plan(r.open(tree.Disk{}))
		r.wants(u.Preflight(t.Context(), false), failure.Failed, want)
		if err := u.Preflight(t.Context(), true); err != nil {
			t.Errorf("%s, with force: %v", name, err)
		}
	}
}

// failing is a disk that fails after take.txt has been renamed into place.
type failing struct {
	tree.FS
	stopped *atomic.Bool
}

func (f failing) Within(dir string) (tree.Dir, error) {
	d, err := f.FS.Within(dir)
	return failingDir{d, f.stopped}, err
}

type failingDir struct {
	tree.Dir
	stopped *atomic.Bool
}

func (d failingDir) Within(dir string) (tree.Dir, error) {
	inner, err := d.Dir.Within(dir)
	return failingDir{inner, d.stopped}, err
}

func (d failingDir) Rename(from, to string) error {
	if d.stopped.Load() {
		return &fs.PathError{Op: "rename", Path: from, Err: syscall.EIO}
	}
	d.stopped.Store(filepath.Base(to) == "take.txt")
	return d.Dir.Rename(from, to)
}

func (d failingDir) Remove(name string) error {
	if d.stopped.Load() {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.EIO}
	}
	return d.Dir.Remove(name)
}

// The next run rolls back a run that could neither continue nor roll back, and says so.
func TestSettleRecovers(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	before := r.state()
	u := r.plan(r.open(failing{tree.Disk{}, &atomic.Bool{}}))
	if err := u.Apply(t.Context()); !errors.Is(err, syscall.EIO) {
		t.Fatalf("error %v, want the disk's error", err)
	}
	if cmp.Equal(before, r.state()) || !r.remembers() {
		t.Fatal("the run was not interrupted")
	}
	r.wants(r.open(tree.Disk{}).CheckIdle(t.Context()), failure.Failed, "was interrupted")
	if err := r.open(tree.Disk{}).Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, r.state()); diff != "" || r.remembers() {
		t.Errorf("state folder: %v; the project changed:\n%s", r.remembers(), diff)
	}
	if want := []string{"an earlier run was interrupted: its changes are rolled back"}; !slices.Equal(r.notes, want) {
		t.Errorf("notes %q, want %q", r.notes, want)
	}
}

// The pristine contents come from git's history, so that no template is needed.
func TestDifferencesOfAProject(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(map[string]string{"keep.txt": "mine\n"})
	p := r.open(tree.Disk{})
	all, err := p.Differences(t.Context(), func(context.Context) (*template.Template, error) {
		return nil, errors.New("the template was asked for")
	})
	if err != nil || len(all) != 1 || all[0].Path != "keep.txt" || all[0].Status != project.Modified || string(all[0].Was.Data) != "one\n" {
		t.Errorf("%v, %v", all, err)
	}
}

// Adopting a project with RecordOnly writes the record and changes no file.
func TestAdopt(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.wants(r.open(tree.Disk{}).CheckUnrecorded(t.Context(), false), failure.Failed, "has a record")
	r.git("rm", "--quiet", tree.RecordFile)
	r.git("commit", "--quiet", "--message", "no record")
	r.write("keep.txt", "mine\n")
	p, err := project.Open(t.Context(), tree.Disk{}, r.run, r.dir, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	r.wants(p.CheckUnrecorded(t.Context(), false), failure.Failed, "had a record, which commit")
	if err := p.CheckUnrecorded(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	svc := r.template(second)
	u, err := p.PlanAdoption(t.Context(), svc, r.answers(svc), project.Adoption{RecordOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	record := r.open(tree.Disk{}).Record
	if _, kept := record.Kept["keep.txt"]; !record.Adopted || !kept || r.read("keep.txt") != "mine\n" {
		t.Errorf("adopted: %v, kept: %v, keep.txt: %q", record.Adopted, record.Kept, r.read("keep.txt"))
	}
}
