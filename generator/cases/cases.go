// Package cases proves what a template writes: a case is a txtar file whose comment has the command lines that are run,
// one after the other, and whose files are all that they leave in the folder out.
package cases

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/afero"
	"golang.org/x/tools/txtar"

	"dockerflow/generator"
)

// Suffix is how the names of cases' files end.
const Suffix = ".txtar"

// out is the folder that a case's commands write into.
const out = "out"

// Case is one case.
type Case struct {
	Commands [][]string // each by words, without the program's name

	comment string
	want    map[string]generator.File
}

// Command runs one command line in a file system, and returns its exit code and what it printed.
type Command func(fsys generator.FS, args []string) (code int, said string)

// Parse reads a case. One that has no files yet is as good as any other.
func Parse(data []byte) (*Case, error) {
	archive := txtar.Parse(data)
	c := &Case{comment: string(archive.Comment)}
	for line := range strings.Lines(c.comment) {
		words, err := Words(line)
		switch {
		case err != nil:
			return nil, err
		case len(words) == 0:
			continue
		case words[0] != "dockerflow":
			return nil, fmt.Errorf("%q: want command lines of dockerflow before the first file", strings.TrimSpace(line))
		}
		c.Commands = append(c.Commands, words[1:])
	}
	if len(c.Commands) == 0 {
		return nil, errors.New("want a command line, such as dockerflow new out --template . --yes, before the first file")
	}
	c.want = files(archive)
	return c, nil
}

// Answers adds the answers that the commands give, by the names of their flags.
func (c *Case) Answers(into map[string][]string) {
	for _, args := range c.Commands {
		for i, arg := range args {
			name, isFlag := strings.CutPrefix(arg, "--")
			name, value, both := strings.Cut(name, "=")
			if !both && i+1 < len(args) {
				value = args[i+1]
			}
			if isFlag && (both || !strings.HasPrefix(value, "-")) && !slices.Contains(into[name], value) {
				into[name] = append(into[name], value)
			}
		}
	}
}

// Words splits a command line. A word in quotes is written as in Go.
func Words(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if quoted, err := strconv.QuotedPrefix(line); err == nil {
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", quoted, err)
			}
			words, line = append(words, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
	return words, nil
}

// Run runs the commands in an empty file system of their own, and returns what they leave in the folder out.
func (c *Case) Run(run Command) (generator.Tree, error) {
	memory := generator.NewMemory()
	for _, args := range c.Commands {
		if code, said := run(memory, args); code != 0 {
			return nil, fmt.Errorf("dockerflow %s: exit %d: %s", strings.Join(args, " "), code, strings.TrimSpace(said))
		}
	}
	tree := generator.Tree{}
	err := afero.Walk(memory, out, func(path string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := afero.ReadFile(memory, path)
		name := filepath.ToSlash(strings.TrimPrefix(path, out+string(filepath.Separator)))
		tree[name] = generator.File{Mode: info.Mode(), Data: data}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the commands made no folder %s", out)
	}
	return tree, err
}

// executable marks, in a case, the name of a file that can be executed.
const executable = " +x"

// Format is the case's file with tree as what is wanted. It refuses what txtar cannot hold.
func (c *Case) Format(tree generator.Tree) ([]byte, error) {
	archive := &txtar.Archive{Comment: []byte(c.comment)}
	for path, f := range tree {
		if strings.HasSuffix(path, executable) {
			return nil, fmt.Errorf("%s: a case cannot hold a name that ends in %q", path, executable)
		}
		if f.Mode&0o100 != 0 {
			path += executable
		}
		archive.Files = append(archive.Files, txtar.File{Name: path, Data: f.Data})
	}
	slices.SortFunc(archive.Files, func(x, y txtar.File) int { return strings.Compare(x.Name, y.Name) })
	text := txtar.Format(archive)
	again := txtar.Parse(text)
	if string(again.Comment) != c.comment {
		return nil, errors.New("the command lines do not end in a newline")
	}
	for i, f := range archive.Files {
		switch {
		case i < len(again.Files) && again.Files[i].Name == f.Name && string(again.Files[i].Data) == string(f.Data):
			continue
		case len(f.Data) > 0 && f.Data[len(f.Data)-1] != '\n':
			return nil, fmt.Errorf("%s: a case cannot hold a file without a newline at its end", f.Name)
		}
		return nil, fmt.Errorf("%s: a case cannot hold its name, or a line in it that looks like -- a name --", f.Name)
	}
	return text, nil
}

func files(archive *txtar.Archive) map[string]generator.File {
	all := make(map[string]generator.File, len(archive.Files))
	for _, f := range archive.Files {
		mode := fs.FileMode(0o644)
		name, can := strings.CutSuffix(f.Name, executable)
		if can {
			mode = 0o755
		}
		all[name] = generator.File{Mode: mode, Data: f.Data}
	}
	return all
}
