package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are what is compared. They are built from copies in a folder of their own.
type programs struct {
	work       string
	released   string // dockerflow as it is
	dockerflow string // with two more templates, of 2,000 and 10,000 files
	next       string // the same, with the next version of each
	empty      string
}

// flags build as the README tells to for a release.
var flags = []string{"build", "-trimpath", "-gcflags=all=-l", "-ldflags=-s -w"}

func build(work string) (*programs, error) {
	p := &programs{work: work}
	source := filepath.Join(work, "source")
	if err := os.Mkdir(source, 0o755); err != nil {
		return nil, err
	}
	for _, name := range []string{"cmd", "generator", "templates", "go.mod", "go.sum"} {
		if out, err := exec.Command("cp", "-r", name, source).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("run this from the top of the repository: %w: %s", err, out)
		}
	}
	var err error
	if p.released, err = compile(source, "./cmd/dockerflow", filepath.Join(work, "released")); err != nil {
		return nil, err
	}
	for _, n := range []int{2000, 10000} {
		if err := synthetic(filepath.Join(source, "templates", fmt.Sprintf("bench%d", n)), n); err != nil {
			return nil, err
		}
	}
	if p.dockerflow, err = compile(source, "./cmd/dockerflow", filepath.Join(work, "dockerflow")); err != nil {
		return nil, err
	}
	for _, name := range []string{"go", "bench2000"} {
		if err := nextRelease(filepath.Join(source, "templates", name)); err != nil {
			return nil, err
		}
	}
	if p.next, err = compile(source, "./cmd/dockerflow", filepath.Join(work, "next")); err != nil {
		return nil, err
	}
	p.empty, err = p.program("empty", "package main\n\nfunc main() {}\n")
	return p, err
}

// synthetic makes a template of n files of about a kilobyte in n/50 folders, a tenth of them rendered.
func synthetic(dir string, n int) error {
	if err := write(dir, "template.yaml", "about: synthetic\nversion: 1\nextends: common\n"); err != nil {
		return err
	}
	for _, part := range []string{"develop.md", "layout.md"} {
		if err := write(dir, "parts/"+part, "synthetic\n"); err != nil {
			return err
		}
	}
	body := strings.Repeat("All work and no play makes a dull file.\n", 25)
	for i := range n {
		name := fmt.Sprintf("files/d%03d/f%05d.txt", i/50, i)
		text := body
		if i%10 == 0 {
			name, text = name+".tmpl", "# <% .name %>\n"+body
		}
		if err := write(dir, name, text); err != nil {
			return err
		}
	}
	return nil
}

// embedding builds the smallest program that embeds what the template makes, and writes it as its source says.
func (p *programs) embedding(name, template, source string) (program string, files int, err error) {
	if files, err = p.tree(name, template); err != nil {
		return "", 0, err
	}
	program, err = p.program(name, source)
	return program, files, err
}

// tree makes what a program is to embed, and counts the files.
func (p *programs) tree(name, template string) (files int, err error) {
	tree := filepath.Join(p.work, name, "tree")
	c := exec.Command(p.dockerflow, "new", tree, "--template", template, "--name", "hello", "--yes", "--no-git")
	if said, err := c.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, said)
	}
	err = filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		if d.Name() == "go.mod" { // a folder with its own go.mod is not embedded
			return os.Rename(path, path+"_")
		}
		return nil
	})
	return files, err
}

const minimalSource = `package main

import (
	"embed"
	"io/fs"
	"log"
	"os"
	"path/filepath"
)

//go:embed all:tree
var tree embed.FS

func main() {
	root, _ := fs.Sub(tree, "tree")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		to := filepath.Join(os.Args[1], path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	})
	if err != nil {
		log.Fatal(err)
	}
}
`

func (p *programs) program(name, source string) (string, error) {
	dir := filepath.Join(p.work, name)
	if err := write(dir, "main.go", source); err != nil {
		return "", err
	}
	if err := write(dir, "go.mod", "module bench\n\ngo 1.25.0\n"); err != nil {
		return "", err
	}
	return compile(dir, ".", filepath.Join(p.work, name+".bin"))
}

func compile(dir, pkg, to string) (string, error) {
	c := exec.Command("go", append(flags, "-o", to, pkg)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", dir, err, out)
	}
	return to, nil
}

func write(dir, name, text string) error {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
