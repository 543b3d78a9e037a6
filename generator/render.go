package generator

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"text/template"
)

// The delimiters are none of those that generated files are full of: {{ }}, ${{ }}, << >> and [[ ]].
const (
	delimLeft  = "<%"
	delimRight = "%>"
)

// suffix marks a file that is rendered; it is not part of the output path.
const suffix = ".tmpl"

// File is one file of a Tree.
type File struct {
	Mode fs.FileMode // 0644, or 0755 for what starts with #!
	Data []byte
}

// Tree is a project's files by slash-separated path.
type Tree map[string]File

// Render makes the whole project in memory.
func (t *Template) Render(a Answers) (Tree, error) {
	src, err := t.sources()
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	tree := make(Tree, len(src.files))
	for p, f := range src.files {
		data, err := f.content(a)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", t.Name, err)
		}
		if f.rendered != nil && len(bytes.TrimSpace(data)) == 0 {
			continue
		}
		tree[p] = newFile(data)
	}
	return tree, tree.checkPaths()
}

func newFile(data []byte) File {
	if bytes.HasPrefix(data, []byte("#!")) {
		return File{0o755, data}
	}
	return File{0o644, data}
}

// sources is a template ready to be executed.
type sources struct {
	set   *template.Template // what files may include: the parts, by path
	files map[string]source  // by output path
}

// source is where a file's content comes from: a template, or else the bytes that are copied.
type source struct {
	rendered *template.Template
	data     []byte // of all projects: nobody changes them
	layer    fs.FS
	path     string
}

func (s source) content(a Answers) ([]byte, error) {
	if s.rendered == nil {
		return s.data, nil
	}
	var out bytes.Buffer
	err := s.rendered.Execute(&out, map[string]any(a))
	return out.Bytes(), err
}

// readSources reads the layers in order, so that a template's own file or part takes the place of its base's.
func readSources(name string, layers []layer) (*sources, error) {
	src := &sources{set: newSet(name), files: map[string]source{}}
	parts := map[string]source{}
	for _, l := range layers {
		maps.DeleteFunc(src.files, func(p string, _ source) bool { return l.drops(p) })
		for folder, into := range map[string]map[string]source{"parts": parts, "files": src.files} {
			err := walk(l.FS, folder, func(p, out string) { into[out] = source{layer: l.FS, path: p} })
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	if err := src.parseParts(parts); err != nil {
		return nil, err
	}
	return src, src.parseFiles()
}

// parseParts comes when all layers are read: a set does not let a blank part take the place of another one.
func (src *sources) parseParts(parts map[string]source) error {
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		data, err := fs.ReadFile(parts[name].layer, parts[name].path)
		if err != nil {
			return err
		}
		if _, err := src.set.New(name).Parse(string(data)); err != nil {
			return err
		}
	}
	return nil
}

// parseFiles only reads those that are copied.
func (src *sources) parseFiles() error {
	for _, out := range slices.Sorted(maps.Keys(src.files)) {
		f := src.files[out]
		data, err := fs.ReadFile(f.layer, f.path)
		if err != nil {
			return err
		}
		if f.data = data; strings.HasSuffix(f.path, suffix) {
			if f.rendered, err = src.set.New(f.path).Parse(string(data)); err != nil {
				return err
			}
			f.data = nil
		}
		src.files[out] = f
	}
	return nil
}

// walk visits each file of a layer's folder with its path in the output.
func walk(layer fs.FS, folder string, visit func(p, out string)) error {
	seen := map[string]bool{}
	return fs.WalkDir(layer, folder, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out, _ := strings.CutSuffix(strings.TrimPrefix(p, folder+"/"), suffix)
		if seen[out] {
			return fmt.Errorf("%s stands twice, with and without %s", out, suffix)
		}
		seen[out] = true
		visit(p, out)
		return nil
	})
}

func newSet(name string) *template.Template {
	return template.New(name).Delims(delimLeft, delimRight).Option("missingkey=error").Funcs(functions())
}

func renderText(name, text string, a Answers) (string, error) {
	t, err := newSet(name).Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := t.Execute(&out, map[string]any(a)); err != nil {
		return "", err
	}
	return out.String(), nil
}
