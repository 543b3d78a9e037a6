package fix

import (
	"bytes"
	"cmp"
	"io"
	"io/fs"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract"
)

// source is a file to edit. Unchanged parts stay the same byte for byte.
type source struct {
	lines   []string // with their ends
	newline string   // what most of them end in
}

// readSource returns a regular text file of a usual size. It opens no pipe, which would make it wait, and no link, in
// whose place nothing is to be written.
func readSource(files fs.FS, name string) (source, bool) {
	info, err := fs.Lstat(files, name)
	if err != nil || !info.Mode().IsRegular() {
		return source{}, false
	}
	f, err := files.Open(name)
	if err != nil {
		return source{}, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, contract.MaxFile+1))
	if err != nil || len(data) > contract.MaxFile || bytes.IndexByte(data, 0) >= 0 {
		return source{}, false
	}
	return newSource(string(data)), true
}

func newSource(text string) source {
	s := source{newline: "\n"}
	if 2*strings.Count(text, "\r\n") > strings.Count(text, "\n") {
		s.newline = "\r\n"
	}
	if text != "" {
		s.lines = strings.SplitAfter(text, "\n")
	}
	if last := len(s.lines) - 1; last >= 0 && s.lines[last] == "" {
		s.lines = s.lines[:last]
	}
	return s
}

// after makes the text with a line put in after the line n, counted from 1.
func (s source) after(n int, line string) func() []byte {
	return func() []byte {
		before := strings.Join(s.lines[:n], "")
		if before != "" && !strings.HasSuffix(before, "\n") {
			before += s.newline
		}
		return []byte(before + line + s.newline + strings.Join(s.lines[n:], ""))
	}
}

// with makes the text with another line n, whose end stays.
func (s source) with(n int, line string) func() []byte {
	return func() []byte {
		end := s.lines[n-1][len(s.line(n)):]
		return []byte(strings.Join(s.lines[:n-1], "") + line + end + strings.Join(s.lines[n:], ""))
	}
}

// line returns the line n without its end.
func (s source) line(n int) string { return strings.TrimRight(s.lines[n-1], "\r\n") }

// dockerfileText is a Dockerfile to be edited, in its repository.
type dockerfileText struct {
	source
	files  fs.FS
	budget *budget.Budget
	name   string
	nodes  []*parser.Node // its instructions, with their lines; none where it cannot be read
}

func readDockerfile(files fs.FS, o contract.Options, b *budget.Budget) dockerfileText {
	d := dockerfileText{files: files, budget: b, name: cmp.Or(o.Dockerfile, "Dockerfile")}
	var ok bool
	if d.source, ok = readSource(files, d.name); !ok {
		return d
	}
	text := strings.TrimPrefix(strings.Join(d.lines, ""), "\xef\xbb\xbf")
	b.Steps(len(text))
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return d
	}
	for _, n := range parsed.AST.Children {
		if n.StartLine < 1 || n.EndLine < n.StartLine || n.EndLine > len(d.lines) {
			return d
		}
	}
	d.nodes = parsed.AST.Children
	return d
}

// text returns an instruction as written in the file.
func (d dockerfileText) text(n *parser.Node) string {
	return strings.Join(d.lines[n.StartLine-1:n.EndLine], "")
}

// is reports whether an instruction is one of these, named in lower case.
func is(n *parser.Node, names ...string) bool {
	for _, name := range names {
		if strings.EqualFold(n.Value, name) {
			return true
		}
	}
	return false
}

// arguments returns the arguments of an instruction on its first line.
func (s source) arguments(n *parser.Node) string {
	line := strings.TrimLeft(strings.TrimPrefix(s.line(n.StartLine), "\xef\xbb\xbf"), " \t")
	return strings.TrimSpace(strings.TrimPrefix(line, line[:min(len(n.Value), len(line))]))
}
