package cmd

import (
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/afero"
	"golang.org/x/tools/txtar"

	"dockerflow/cmd/output"
	"dockerflow/cmd/termquiet"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// TestMain makes this test binary the program itself, too: called as dockerflow it has the templates of testdata,
// called as dockerflow-real those that are shipped, as dockerflow-1, -2 and -3 those of a release, as dockerflow-stuck
// none that it ever gets, and as dockerflow-dies it is killed on its way.
func TestMain(m *testing.M) {
	termquiet.Restore() // as System does
	treetest.InMemory()
	program := func(change func(*Env)) func() {
		return func() {
			ctx, stop := Signals(os.Exit) //nolint:forbidigo // as main does
			defer stop()
			env := System()
			change(&env)
			os.Exit(Run(ctx, os.Args[1:], env)) //nolint:forbidigo // as main does
		}
	}
	testscript.Main(m, map[string]func(){
		"dockerflow":       program(func(e *Env) { e.Templates = testTemplates() }),
		"dockerflow-dies":  program(func(e *Env) { e.Templates, e.FS = testTemplates(), mortal{e.FS} }),
		"dockerflow-real":  program(func(*Env) {}),
		"dockerflow-stuck": program(func(e *Env) { e.Templates = stuck{} }),
		"dockerflow-1":     program(func(e *Env) { e.Templates = release("1") }),
		"dockerflow-2":     program(func(e *Env) { e.Templates = release("2") }),
		"dockerflow-3":     program(func(e *Env) { e.Templates = release("3") }),
	})
}

// stuck holds templates that nobody ever gets to read, whatever happens to the command.
type stuck struct{}

func (stuck) Open(string) (fs.File, error) {
	fmt.Fprintln(os.Stderr, "stuck") //nolint:forbidigo // says that it is stuck, before it has an Env
	select {}
}

//go:embed testdata/templates.txtar
var templatesArchive []byte

// testTemplates are templates for tests, so that a change of what is shipped breaks none of them.
func testTemplates() fs.FS {
	fsys := fstest.MapFS{}
	for _, f := range txtar.Parse(templatesArchive).Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o444}
	}
	return fsys
}

//go:embed testdata/releases.txtar
var releasesArchive []byte

// release has the templates of one release of testdata/releases.txtar.
func release(n string) fs.FS {
	fsys := fstest.MapFS{}
	for _, f := range txtar.Parse(releasesArchive).Files {
		since, name, _ := strings.Cut(f.Name, "/")
		switch {
		case since > n:
		case len(f.Data) == 0:
			delete(fsys, name)
			delete(fsys, name+".tmpl")
		default:
			fsys[name] = &fstest.MapFile{Data: f.Data, Mode: 0o444}
		}
	}
	return fsys
}

// rig is one run in memory: what it was given, and what came of it.
type rig struct {
	Env
	out, err bytes.Buffer
}

func newRig(in string) *rig {
	s := &rig{}
	s.Env = Env{
		In:        strings.NewReader(in),
		Out:       output.New(&s.out, nil),
		Err:       output.New(&s.err, nil),
		FS:        tree.NewMemory(),
		Templates: testTemplates(),
	}
	return s
}

// run runs a command line of words without spaces, and wants its exit code.
func (s *rig) run(t *testing.T, code int, line string) {
	t.Helper()
	s.out.Reset()
	s.err.Reset()
	if got := Run(t.Context(), strings.Fields(line), s.Env); got != code {
		t.Fatalf("%s: exit %d, want %d\n%s%s", line, got, code, s.out.String(), s.err.String())
	}
}

// files is what a folder of the rig's file system holds, by path, with a mark for what can be executed.
func (s *rig) files(t *testing.T, dir string) map[string]string {
	t.Helper()
	return listFiles(t, s.FS, dir)
}

func writeFile(fsys tree.FS, name, data string) error {
	return afero.WriteFile(fsys, name, []byte(data), 0o644)
}

func listFiles(t *testing.T, fsys tree.FS, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := afero.Walk(fsys, dir, func(p string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := afero.ReadFile(fsys, p)
		name, _ := filepath.Rel(dir, p)
		if info.Mode()&0o111 != 0 {
			name += " +x"
		}
		found[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
