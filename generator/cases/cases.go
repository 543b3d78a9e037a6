// Package cases tests what a template generates. A case is a txtar file. Its comment has the command lines to run, in
// order. Its files are all files that the commands leave in the folder out.
//
// A case can vary another case, its base, and then contains only the differences. After the command lines, its comment
// has the line "base: NAME", which names the file NAME.txtar next to it, and a line "gone: PATH" for each file of the
// base that is not written. Its files are those that are missing in the base or differ from it. A base cannot have a
// base itself.
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

	"dockerflow/generator/tree"
)

// Suffix is the ending of a case's file name.
const Suffix = ".txtar"

// out is the folder that the commands of a case write to.
const out = "out"

// Case is one case.
type Case struct {
	Commands [][]string // each split into words, without the program's name
	Base     string     // the name of the base, or ""

	comment string // without the gone lines
	files   tree.Tree
	gone    []string  // files of the base that are not written
	base    tree.Tree // the files of the base, set by Link
}

// Command runs one command line in a file system. It returns the exit code and the output.
type Command func(fsys tree.FS, args []string) (code int, said string)

// Parse parses a case, which may have no files yet. A case with a base also needs Link.
func Parse(data []byte) (*Case, error) {
	archive := txtar.Parse(data)
	c := &Case{files: tree.Tree{}}
	for line := range strings.Lines(string(archive.Comment)) {
		if err := c.parseLine(line); err != nil {
			return nil, err
		}
	}
	switch {
	case len(c.Commands) == 0:
		return nil, errors.New("want a command line before the first file, such as dockerflow new out --template . --yes")
	case len(c.gone) > 0 && c.Base == "":
		return nil, fmt.Errorf("gone: %q: want a line base: NAME, too: only a case with a base can list files as gone", c.gone[0])
	}
	for _, f := range archive.Files {
		name, can := strings.CutSuffix(f.Name, executable)
		if _, twice := c.files[name]; twice || slices.Contains(c.gone, name) {
			return nil, fmt.Errorf("%q is listed twice", name)
		}
		mode := fs.FileMode(0o644)
		if can {
			mode = 0o755
		}
		c.files[name] = tree.File{Mode: mode, Data: f.Data}
	}
	return c, nil
}

// parseLine parses a line of the comment.
func (c *Case) parseLine(line string) error {
	text := strings.TrimSpace(line)
	if path, ok := strings.CutPrefix(text, gonePrefix); ok {
		path = strings.TrimSpace(path)
		if path == "" || slices.Contains(c.gone, path) {
			return fmt.Errorf("%q: want the path of a file, listed once", text)
		}
		c.gone = append(c.gone, path)
		return nil
	}
	c.comment += line
	if name, ok := strings.CutPrefix(text, basePrefix); ok {
		name = strings.TrimSpace(name)
		if name == "" || c.Base != "" {
			return fmt.Errorf("%q: want the name of one case", text)
		}
		c.Base = name
		return nil
	}
	words, err := Words(line)
	switch {
	case err != nil:
		return err
	case len(words) == 0:
		return nil
	case words[0] != "dockerflow":
		return fmt.Errorf("%q: want only command lines of dockerflow, base: NAME and gone: PATH before the first file", text)
	}
	c.Commands = append(c.Commands, words[1:])
	return nil
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

// Words splits a command line into words. A quoted word has the syntax of a Go string.
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

// Run runs the commands in a new, empty file system. It returns what they leave in the folder out.
func (c *Case) Run(run Command) (tree.Tree, error) {
	memory := tree.NewMemory()
	for _, args := range c.Commands {
		if code, said := run(memory, args); code != 0 {
			return nil, fmt.Errorf("dockerflow %s: exit %d: %s", strings.Join(args, " "), code, strings.TrimSpace(said))
		}
	}
	files := tree.Tree{}
	err := afero.Walk(memory, out, func(path string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := afero.ReadFile(memory, path)
		name := filepath.ToSlash(strings.TrimPrefix(path, out+string(filepath.Separator)))
		files[name] = tree.File{Mode: info.Mode(), Data: data}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the commands made no folder %s", out)
	}
	return files, err
}

// executable follows the name of an executable file in a case.
const executable = " +x"

// Format returns the file of the case with tree as its files. For a case that varies a base, it contains the
// difference from base, the output of the base's commands; base is nil for other cases. Format refuses files that
// txtar cannot represent.
func (c *Case) Format(tree, base tree.Tree) ([]byte, error) {
	archive := &txtar.Archive{Comment: []byte(c.comment)}
	for path, f := range tree {
		if was, ok := base[path]; ok && same(was, f) {
			continue
		}
		if strings.HasSuffix(path, executable) {
			return nil, fmt.Errorf("%s: a case cannot contain a name that ends in %q", path, executable)
		}
		if f.Mode&0o100 != 0 {
			path += executable
		}
		archive.Files = append(archive.Files, txtar.File{Name: path, Data: f.Data})
	}
	slices.SortFunc(archive.Files, func(x, y txtar.File) int { return strings.Compare(x.Name, y.Name) })
	for _, path := range without(base, tree) {
		archive.Comment = fmt.Appendf(archive.Comment, "%s %s\n", gonePrefix, path)
	}
	text := txtar.Format(archive)
	return text, carried(archive, txtar.Parse(text))
}

// carried finds files that txtar cannot represent: again is the archive, parsed again after it was written.
func carried(archive, again *txtar.Archive) error {
	for i, f := range archive.Files {
		switch {
		case i < len(again.Files) && again.Files[i].Name == f.Name && string(again.Files[i].Data) == string(f.Data):
			continue
		case len(f.Data) > 0 && f.Data[len(f.Data)-1] != '\n':
			return fmt.Errorf("%s: a case cannot contain a file without a newline at its end", f.Name)
		}
		return fmt.Errorf("%s: a case cannot contain this name, or a line of the file looks like -- a name --", f.Name)
	}
	return nil
}
