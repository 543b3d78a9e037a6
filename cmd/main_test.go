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

// TestMain also makes this test binary the program itself. Called as dockerflow, it uses the templates of testdata; as
// dockerflow-real, the built-in ones; as dockerflow-1, -2 and -3, those of a release; as dockerflow-stuck, it blocks while
// it reads templates; as dockerflow-dies, it is killed during a run.
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

// stuck is a file system of templates that blocks forever.
type stuck struct{}

func (stuck) Open(string) (fs.File, error) {
	fmt.Fprintln(os.Stderr, "stuck") //nolint:forbidigo // tells the test that it is blocked; there is no Env yet
	select {}
}

//go:embed testdata/templates.txtar
var templatesArchive []byte

// testTemplates returns templates for tests, so that changes of the built-in ones do not break tests.
func testTemplates() fs.FS {
	fsys := fstest.MapFS{}
	for _, f := range txtar.Parse(templatesArchive).Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o444}
	}
	return fsys
}

//go:embed testdata/releases.txtar
var releasesArchive []byte

// release returns the templates of one release of testdata/releases.txtar.
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

// rig is a run in memory, with its input and its result.
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

// run runs a command line of words without spaces and checks its exit code.
func (s *rig) run(t *testing.T, code int, line string) {
	t.Helper()
	s.out.Reset()
	s.err.Reset()
	if got := Run(t.Context(), strings.Fields(line), s.Env); got != code {
		t.Fatalf("%s: exit %d, want %d\n%s%s", line, got, code, s.out.String(), s.err.String())
	}
}

// files returns the files in a folder of the rig's file system by path. Executable files are marked.
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
