package template

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"dockerflow/generator/tree"
)

// Load reads the manifests of all templates in fsys, one folder each, but not their files. A template without about
// can only be extended, and is left out. No question may have a taken name.
func Load(fsys fs.FS, taken Taken) ([]*Template, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	l := loader{fsys, taken, map[string]*Template{}}
	var all []*Template
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		t, err := l.load(e.Name())
		if err != nil {
			return nil, err
		}
		if t.About != "" {
			all = append(all, t)
		}
	}
	return all, nil
}

// LoadNamed reads one template of fsys, including those that Load leaves out. It returns ErrNoTemplate for an unknown
// name.
func LoadNamed(fsys fs.FS, name string, taken Taken) (*Template, error) {
	l := loader{fsys, taken, map[string]*Template{}}
	return l.load(name)
}

// LoadOne reads the template whose manifest is at the root of fsys. The function bases finds the template that it
// extends.
func LoadOne(fsys fs.FS, name string, taken Taken, bases func(extends string) (*Template, error)) (*Template, error) {
	m, err := readManifest(fsys, ".", name)
	if err != nil {
		return nil, err
	}
	return build(fsys, name, manifestFile, m, taken, bases)
}

// ErrNoTemplate is returned for a name that no template has.
var ErrNoTemplate = errors.New("no such template")

// manifestFile is the name of a template's manifest.
const manifestFile = "template.yaml"

// loader loads folders that may extend each other.
type loader struct {
	fsys   fs.FS
	taken  Taken
	loaded map[string]*Template // nil while it is loaded
}

func (l *loader) load(name string) (*Template, error) {
	t, begun := l.loaded[name]
	switch {
	case t != nil:
		return t, nil
	case begun:
		return nil, fmt.Errorf("template %s extends itself", name)
	}
	l.loaded[name] = nil
	m, err := readManifest(l.fsys, name, name)
	if err != nil {
		return nil, err
	}
	folder, err := fs.Sub(l.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	t, err = build(folder, name, path.Join(name, manifestFile), m, l.taken, l.load)
	if err != nil {
		return nil, err
	}
	l.loaded[name] = t
	return t, nil
}

func readManifest(fsys fs.FS, folder, name string) (m manifest, err error) {
	file := path.Join(folder, manifestFile)
	data, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("template %s: %w: there is no %s", name, ErrNoTemplate, file)
	}
	if err != nil {
		return m, fmt.Errorf("template %s: %w", name, err)
	}
	if m, err = decodeManifest(data); err != nil {
		return m, manifestError(file, err)
	}
	info, err := fs.Stat(fsys, path.Join(folder, "files"))
	switch {
	case errors.Is(err, fs.ErrNotExist) && m.Extends != "":
		return m, nil // the files of its base may be enough
	case err == nil && !info.IsDir():
		err = errors.New("files is not a folder")
	}
	if err != nil {
		return m, fmt.Errorf("template %s has no files: %w", name, err)
	}
	return m, nil
}

// baseName names what a manifest extends, for an error about it. It shows no part of a URL, which could contain a
// password.
func baseName(extends string) string {
	if strings.ContainsAny(extends, ":/@") {
		return ""
	}
	return " " + tree.Shorten(extends)
}

// build loads a manifest and its folder, on top of the template that it extends.
func build(folder fs.FS, name, file string, m manifest, taken Taken, bases func(string) (*Template, error)) (*Template, error) {
	base := &Template{}
	if m.Extends != "" {
		err := printable(m.Extends, maxPrinted)
		if err != nil {
			return nil, fmt.Errorf("%s: extends: %w", file, err)
		}
		if base, err = bases(m.Extends); err != nil {
			return nil, fmt.Errorf("%s: extends%s: %w", file, baseName(m.Extends), err)
		}
	}
	t, faults := lay(folder, name, m, base, taken)
	if err := faults.first(); err != nil {
		line, column := m.places.of(faults[0].where)
		return nil, fmt.Errorf("%s:%d:%d: %w", file, line, column, err)
	}
	return t, nil
}

// lay is like build, for a known base. It returns all faults of the manifest.
func lay(folder fs.FS, name string, m manifest, base *Template, taken Taken) (*Template, faults) {
	t := &Template{
		Name:      name,
		About:     m.About,
		Version:   m.Version,
		Next:      m.Next,
		Extends:   base.versions(),
		all:       slices.Concat(base.all, m.Questions),
		inherited: len(base.all),
		layers:    append(slices.Clip(base.layers), layer{folder, m.Drop}),
	}
	t.defaults = &defaults{}
	t.sources = sync.OnceValues(func() (*sources, error) { return readSources(name, t.layers) })
	if t.Next == nil {
		t.Next = base.Next
	}
	return t, slices.Concat(m.check(), t.prepare(m, len(base.all), taken), t.addMoved(base.Moved, m.Moved), t.addAdoption(m.Adoption, base.adoption))
}
