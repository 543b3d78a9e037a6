package template

import (
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/yamlnode"
)

// readManifest decodes as much of the manifest as possible.
func (r *lintRun) readManifest() {
	data, err := fs.ReadFile(r.fsys, manifestFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.report(manifestFile, 1, 1, "there is no %s", manifestFile)
	case err != nil:
		r.report(manifestFile, 1, 1, "%v", err)
	default:
		r.decode(data)
	}
	r.unread = len(r.found) > 0
}

func (r *lintRun) decode(data []byte) {
	r.text = string(data)
	doc, twice, err := readYAML(data)
	if err != nil {
		r.readError(err)
		return
	}
	r.places = places{doc.Content[0]}
	r.loadErrors(&yaml.LoadErrors{Errors: twice})
	r.loadErrors(doc.Load(&r.manifest, yaml.WithKnownFields(), yaml.WithUniqueKeys(false)))
}

// readError reports why a manifest is not valid YAML.
func (r *lintRun) readError(err error) {
	var read *yamlnode.Error
	if errors.As(err, &read) {
		r.report(manifestFile, read.Line, read.Column, "%v", read.Err)
	} else {
		r.report(manifestFile, 1, 1, "%v", err)
	}
}

// loadErrors reports each error of the loader at its position.
func (r *lintRun) loadErrors(err error) {
	var all *yaml.LoadErrors
	if !errors.As(err, &all) {
		if err != nil {
			r.report(manifestFile, 1, 1, "%v", err)
		}
		return
	}
	for _, e := range all.Errors {
		r.report(manifestFile, max(e.Mark.Line, 1), max(e.Mark.Column, 1), "%s", loadMessage(e.Message))
	}
}

// loadMessage says what the loader expects, without the names of Go types.
func loadMessage(message string) string {
	if _, typ, ok := strings.Cut(message, " into "); ok && strings.HasPrefix(message, "cannot construct ") {
		switch {
		case typ == "int":
			return "want a whole number"
		case typ == "bool":
			return "want true or false"
		case typ == "string":
			return "want a text"
		case strings.HasPrefix(typ, "[]"):
			return "want a list"
		}
		return "want key: value"
	}
	key, typ, ok := strings.Cut(message, " not found in type ")
	key, isField := strings.CutPrefix(key, "field ")
	if !ok || !isField {
		return strings.TrimPrefix(message, "yaml: ")
	}
	for _, v := range []any{manifest{}, Question{}, Choice{}, Guess{}, reserved{}} {
		if t := reflect.TypeOf(v); t.String() == typ {
			return unknown("key", key, keysOf(t))
		}
	}
	return unknown("key", key, nil)
}

// keysOf returns the YAML keys of a type.
func keysOf(t reflect.Type) (keys []string) {
	for i := range t.NumField() {
		switch name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); {
		case options == "inline":
			keys = append(keys, keysOf(t.Field(i).Type)...)
		case name != "":
			keys = append(keys, name)
		}
	}
	return keys
}

// readBase finds the template that the manifest extends.
func (r *lintRun) readBase() {
	if r.manifest.Extends == "" {
		return
	}
	if err := printable(r.manifest.Extends, maxPrinted); err != nil {
		r.baseless = true
		r.fault(where("extends"), "extends: %v", err)
		return
	}
	base, err := r.Bases(r.manifest.Extends)
	if err != nil {
		r.baseless = true
		r.fault(where("extends"), "extends%s: %v", baseName(r.manifest.Extends), err)
		return
	}
	r.base = base
}

// ofBase are the keys of a manifest that refer to its base.
var ofBase = []string{"defaults", "answers", "drop", "guess", "reserved"}

// checkManifest reports the errors that loading the template would return.
func (r *lintRun) checkManifest() {
	if r.only() && r.manifest.Version == 0 && !r.unread {
		r.found = append(r.found, Finding{manifestFile, 1, 1, true, "without about and version, others can extend this template, but nobody can use it"})
	}
	for _, f := range r.faults {
		if key, _ := f.where[0].(string); r.baseless && slices.Contains(ofBase, key) {
			continue // the base is not known
		}
		r.blocked = true
		if line, column := r.places.of(f.where); r.unread && (r.places.node(f.where) == nil || r.reported(line, column)) {
			continue // it may be there, but in a form that cannot be read
		}
		if key := f.where[0]; key == "defaults" || key == "answers" || key == "moved" {
			r.keyFault(f.where, "%v", f.err)
		} else {
			r.fault(f.where, "%v", f.err)
		}
	}
}

// reported reports whether there is a finding for a place of the manifest.
func (r *lintRun) reported(line, column int) bool {
	return slices.ContainsFunc(r.found, func(f Finding) bool { return f.Path == manifestFile && f.Line == line && f.Column == column })
}

// keyFault reports a problem with a key of the manifest.
func (r *lintRun) keyFault(where []any, format string, args ...any) {
	key, _ := r.places.find(where)
	if key == nil {
		r.fault(where, format, args...)
		return
	}
	r.report(manifestFile, key.Line, key.Column, format, args...)
}

// places are the positions of a manifest's values.
type places struct{ top *yaml.Node }

// of returns the line and column of a value, or else of its nearest parent.
func (p places) of(where []any) (line, column int) {
	for len(where) > 0 {
		if n := p.node(where); n != nil {
			return max(n.Line, 1), max(n.Column, 1)
		}
		where = where[:len(where)-1]
	}
	return 1, 1
}

// node returns the value at a place, or nil.
func (p places) node(where []any) *yaml.Node {
	_, value := p.find(where)
	return value
}

func (p places) find(where []any) (key, value *yaml.Node) {
	value = p.top
	for _, step := range where {
		for value != nil && value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if value == nil {
			return nil, nil
		}
		list, found := value.Content, false
		switch step := step.(type) {
		case int:
			if found = value.Kind == yaml.SequenceNode && step >= 0 && step < len(list); found {
				key, value = nil, list[step]
			}
		case string:
			for i := 0; i+1 < len(list) && value.Kind == yaml.MappingNode && !found; i += 2 {
				if found = list[i].Value == step; found {
					key, value = list[i], list[i+1]
					break
				}
			}
		}
		if !found {
			return nil, nil
		}
	}
	return key, value
}
