package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// batching compares `new --batch` with programs that only write the same files as often: one after the other, and with as
// many goroutines as there are processors.
func batching(p *programs, projects, rounds int, work string) error {
	out := filepath.Join(work, "out")
	minimal, files, err := p.embedding("many-go", "go", manySource)
	if err != nil {
		return err
	}
	var rows strings.Builder
	for i := range projects {
		fmt.Fprintf(&rows, "{\"name\": \"svc-%d\", \"dir\": %q}\n", i, filepath.Join(out, strconv.Itoa(i)))
	}
	file := filepath.Join(work, "rows.jsonl")
	if err := os.WriteFile(file, []byte(rows.String()), 0o644); err != nil {
		return err
	}
	ours := []string{p.released, "new", "--template", "go", "--no-git", "--allow-outside", "--batch", file}
	for _, ways := range []string{"1", "all"} {
		what := fmt.Sprintf("batch of %d, %d files each, against %s at a time", projects, files, ways)
		if err := compare(what, rounds, files, ours, []string{minimal, ways, strconv.Itoa(projects), out}); err != nil {
			return err
		}
	}
	return nil
}

// manySource writes what it embeds many times.
const manySource = `package main

import (
	"embed"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

//go:embed all:tree
var tree embed.FS

func main() {
	ways := runtime.GOMAXPROCS(0)
	if os.Args[1] == "1" {
		ways = 1
	}
	projects, _ := strconv.Atoi(os.Args[2])
	var next atomic.Int64
	var all sync.WaitGroup
	for range ways {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < projects; i = int(next.Add(1)) - 1 {
				write(filepath.Join(os.Args[3], strconv.Itoa(i)))
			}
		})
	}
	all.Wait()
}

func write(out string) {
	root, _ := fs.Sub(tree, "tree")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		to := filepath.Join(out, path)
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
