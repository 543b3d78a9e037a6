package template

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"dockerflow/generator/tree"
)

// The delimiters do not occur often in generated files, unlike {{ }}, ${{ }}, << >> and [[ ]].
const (
	delimLeft  = "<%"
	delimRight = "%>"
)

// suffix marks a file that is rendered; it is not part of the output path.
const suffix = ".tmpl"

// Render generates the whole project in memory, within limits: see LimitError. It is safe for concurrent use. Trees
// share equal contents, so their bytes must not be changed.
func (t *Template) Render(a Answers) (tree.Tree, error) {
	return t.RenderContext(context.Background(), a)
}

// RenderContext is like Render, and also ends when ctx ends.
func (t *Template) RenderContext(ctx context.Context, a Answers) (tree.Tree, error) {
	m := newMeter(ofFiles())
	m.stopped = ctx.Err
	return t.render(a, m)
}

func (t *Template) render(a Answers, m *meter) (tree.Tree, error) {
	src, err := t.sources()
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	if src.read > m.limits.files {
		return nil, &tree.LimitError{What: "files", Limit: m.limits.files}
	}
	e := src.engine(m)
	defer src.rest(e)
	files, written := make(tree.Tree, len(src.files)), make([]byte, len(src.order))
	for i, p := range src.order {
		f := src.files[p]
		data, err := f.content(a, e)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", t.Name, err)
		}
		if !f.copied() && len(bytes.TrimSpace(data)) == 0 {
			continue
		}
		files[p], written[i] = tree.NewFile(data), 1
	}
	if _, known := src.sound.Load(string(written)); known {
		return files, nil
	}
	if err := files.CheckPaths(); err != nil {
		return files, err
	}
	src.sound.Store(string(written), true)
	return files, nil
}

// sources is a template that is ready to be rendered.
type sources struct {
	*parsed
	files map[string]source // by output path
	order []string          // the output paths
	read  int               // number of files and parts
	sound sync.Map          // sets of output paths that were checked together
}

// source is the origin of a file's content: a template of the set, or bytes to copy.
type source struct {
	rendered string // its name in the set
	layer    fs.FS
	path     string
	last     *atomic.Pointer[content] // the last result, which is often the same for other answers
}

// content is the content of a file, shared by trees.
type content struct {
	data []byte
	id   func() string
}

func newContent(data []byte) *content {
	return &content{data, sync.OnceValue(func() string { return tree.BlobID(data) })}
}

func (s source) copied() bool { return s.rendered == "" }

func (s source) content(a Answers, e *engine) ([]byte, error) {
	last := s.last.Load()
	if !s.copied() {
		data, err := e.execute(s.rendered, a)
		if err != nil {
			return nil, inFile(s.path, err)
		}
		if last == nil || !bytes.Equal(last.data, data) {
			last = newContent(bytes.Clone(data))
			s.last.Store(last)
		}
	}
	return last.data, inFile(s.path, e.file(len(last.data)))
}

// id returns the BlobID of a file's content. Unchanged bytes reuse the known id.
func (src *sources) id(p string, data []byte) string {
	if s, ok := src.files[p]; ok {
		if last := s.last.Load(); last != nil && len(data) > 0 && len(last.data) == len(data) && &last.data[0] == &data[0] {
			return last.id()
		}
	}
	return tree.BlobID(data)
}

// readSources reads the layers in order: a template's own file or part overrides the one of its base.
func readSources(name string, layers []layer) (*sources, error) {
	src := &sources{parsed: newParsed(name), files: map[string]source{}}
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
	if src.read = len(parts) + len(src.files); src.read > tree.MaxFiles {
		return nil, &tree.LimitError{What: "files", Limit: tree.MaxFiles}
	}
	if err := src.parseParts(parts); err != nil {
		return nil, err
	}
	if err := src.parseFiles(); err != nil {
		return nil, err
	}
	return src, src.checkIncludes()
}

// parseParts runs after all layers are read: text/template does not let a blank definition replace another one.
func (src *sources) parseParts(parts map[string]source) error {
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		data, err := fs.ReadFile(parts[name].layer, parts[name].path)
		if err != nil {
			return err
		}
		if err := src.parse(name, parts[name].path, string(data)); err != nil {
			return err
		}
	}
	return nil
}

// parseFiles parses files that are rendered, and reads those that are copied.
func (src *sources) parseFiles() error {
	src.order = slices.Sorted(maps.Keys(src.files))
	size := 0
	for _, out := range src.order {
		f := src.files[out]
		data, err := fs.ReadFile(f.layer, f.path)
		if err != nil {
			return err
		}
		if size += len(data); len(data) > tree.MaxFile {
			return &tree.LimitError{File: f.path, What: "in a file", Limit: tree.MaxFile}
		}
		if size > tree.MaxTree {
			return &tree.LimitError{File: f.path, What: "in all files", Limit: tree.MaxTree}
		}
		f.last = &atomic.Pointer[content]{}
		if !strings.HasSuffix(f.path, suffix) {
			f.last.Store(newContent(data))
		} else if err := src.parse(f.path, f.path, string(data)); err != nil {
			return err
		} else {
			f.rendered = f.path
		}
		src.files[out] = f
	}
	return nil
}

// walk visits each file of a layer's folder, with its output path.
func walk(layer fs.FS, folder string, visit func(p, out string)) error {
	seen := map[string]bool{}
	return fs.WalkDir(layer, folder, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out, _ := strings.CutSuffix(strings.TrimPrefix(p, folder+"/"), suffix)
		if seen[out] {
			return fmt.Errorf("%s exists both with and without %s", out, suffix)
		}
		seen[out] = true
		visit(p, out)
		return nil
	})
}
