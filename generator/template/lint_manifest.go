package template

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/tree"
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

// checkQuestions makes checks that loading skips, and finds settings that have no effect.
func (r *lintRun) checkQuestions() {
	own := r.template.all[len(r.base.all):]
	for i, q := range own {
		place := func(steps ...any) []any { return append(where("questions", i), steps...) }
		said := func(steps []any, format string, args ...any) {
			r.fault(steps, "question %q: %s", q.Name, fmt.Sprintf(format, args...))
		}
		if _, err := compile(q.Pattern); err != nil {
			said(place("pattern"), "pattern: %v", err)
			r.blocked = true
			continue
		}
		if q.Type != "string" && q.Pattern != "" {
			said(place("pattern"), "pattern is only for type string")
		}
		if q.Type != "string" && q.Max != 0 || q.Max < 0 {
			said(place("max"), "max, a number of characters, is only for type string")
		}
		seen := map[string]bool{}
		for j, c := range q.Choices {
			if c.Value == "" || seen[c.Value] {
				said(place("choices", j), "want choices with different, non-empty values")
			}
			seen[c.Value] = true
		}
		if slices.Contains([]string{"string", "int", "bool", "choice"}, q.Type) && (q.Type == "choice") == (len(q.Choices) > 0) && q.Max >= 0 {
			r.checkDefault(place("default"), q)
		}
	}
	for section, texts := range map[string]map[string]string{"defaults": r.manifest.Defaults, "answers": r.manifest.Answers} {
		for _, q := range r.template.all[:len(r.base.all)] {
			if texts[q.Name] != "" {
				r.checkDefault(where(section, q.Name), q)
			}
		}
	}
	r.checkReserved()
	r.checkGuesses()
}

// checkDefault checks that a fixed default is a valid answer. A default that uses other answers is checked when it is
// rendered.
func (r *lintRun) checkDefault(where []any, q Question) {
	if q.Default == "" || strings.Contains(q.Default, delimLeft) {
		return
	}
	if _, want := q.parse(q.Default); want != "" {
		r.fault(where, "%s", noAnswer(q.Default, q.Name, want))
		r.blocked = true
	}
}

func noAnswer(value, question, want string) string {
	return fmt.Sprintf("%s is not a valid answer to %s: %s", tree.Shorten(value), question, want)
}

func (r *lintRun) checkReserved() {
	for i, w := range r.manifest.Reserved {
		q := r.question(w.Question)
		_, err := compile(w.Pattern)
		switch {
		case err != nil:
			r.fault(where("reserved", i, "pattern"), "reserved: pattern: %v", err)
			r.blocked = true
		case q != nil && q.Type != "string":
			r.fault(where("reserved", i, "question"), "reserved: words are only for questions of type string, and %s is of type %s", q.Name, q.Type)
		case len(strings.Fields(w.Words)) == 0 && w.Pattern == "":
			r.fault(where("reserved", i), "reserved: want words, separated by spaces, or a pattern")
		case w.Because == "":
			r.fault(where("reserved", i), "reserved: want because, the reason why a word cannot be the answer")
		}
	}
}

func (r *lintRun) checkGuesses() {
	for i, g := range r.manifest.Adoption.Guess {
		q := r.question(g.Question)
		if q == nil {
			continue // loading reports it
		}
		re, err := compile(g.Pattern)
		switch {
		case err != nil:
			r.fault(where("guess", i, "pattern"), "guess: %s: pattern: %v", g.Question, err)
		case g.Pattern != "" && g.Value == "" && re.NumSubexp() == 0:
			r.fault(where("guess", i, "pattern"), "guess: %s: want a group in the pattern, or a value", g.Question)
		case g.Value != "":
			if _, want := q.parse(g.Value); want != "" {
				r.fault(where("guess", i, "value"), "guess: %s", noAnswer(g.Value, q.Name, want))
			}
		}
	}
}

func (r *lintRun) question(name string) *Question {
	for i := range r.template.all {
		if q := &r.template.all[i]; q.Name == name {
			return q
		}
	}
	return nil
}

// checkPlaces checks paths: those that are written, dropped, moved and offered.
func (r *lintRun) checkPlaces() {
	r.checkNames()
	before := r.layersWrite(len(r.layers) - 1)
	for i, p := range r.manifest.Drop {
		if r.baseless || r.manifest.Extends == "" {
			break
		}
		if tree.CheckNamed(p) == nil && !anyWithin(before, p) {
			r.fault(where("drop", i), "drop: the base does not write %s", tree.Shorten(p))
		}
	}
	for _, from := range slices.Sorted(maps.Keys(r.manifest.Moved)) {
		to := r.manifest.Moved[from]
		if _, still := r.written[from]; still {
			r.keyFault(where("moved", from), "moved: %q is still written at its old path", from)
		}
		if _, there := r.written[to]; !there && !r.only() && tree.CheckPath(to) == nil && r.template.Moved[to] == "" && !r.baseless {
			r.keyFault(where("moved", from), "moved: the template does not write %s", tree.Shorten(to))
		}
	}
	for i, group := range r.manifest.Adoption.Adopt {
		if len(group) > 0 && !r.baseless && !r.only() && !slices.ContainsFunc(group, func(p string) bool { return anyWithin(r.written, p) }) {
			r.fault(where("adopt", i), "adopt: the template writes no file of this group")
		}
	}
}

// layersWrite returns the files that the first n layers write.
func (r *lintRun) layersWrite(n int) map[string]layerFile {
	written := map[string]layerFile{}
	for i, files := range r.layers[:n] {
		maps.DeleteFunc(written, func(p string, _ layerFile) bool { return r.template.layers[i].drops(p) })
		maps.Copy(written, files.written)
	}
	return written
}

func anyWithin(files map[string]layerFile, name string) bool {
	for p := range files {
		if p == name || strings.HasSuffix(name, "/") && strings.HasPrefix(p, name) {
			return true
		}
	}
	return false
}

// checkNames finds names that some system cannot store, also in combination with files of the base.
func (r *lintRun) checkNames() {
	n := names{map[string]string{}, map[string]string{}}
	all := slices.Sorted(maps.Keys(r.written))
	for _, p := range all {
		if !r.written[p].own {
			n.add(p)
		}
	}
	for _, p := range all {
		f := r.written[p]
		if !f.own {
			continue
		}
		if err := tree.CheckPath(p); err != nil {
			r.report(f.path, 1, 1, "path %q: %v", p, err)
			r.blocked = true
		}
		if inside := n.folders[p]; inside != "" {
			r.report(f.path, 1, 1, "path %q: this is a file here, but a folder in the base: %q", p, inside)
			r.blocked = true
		}
		if other := n.add(p); other != "" {
			r.report(f.path, 1, 1, "path %q: differs from %q only in case", p, other)
			r.blocked = true
		}
		for i, c := range p {
			if _, isFile := r.written[p[:i]]; c == '/' && isFile {
				r.report(f.path, 1, 1, "path %q: %q is a file", p, p[:i])
				r.blocked = true
			}
		}
	}
}

// names are paths that exist together.
type names struct {
	folded  map[string]string // path in lower case -> path, including folders
	folders map[string]string // folder -> a file in it
}

// add adds a path. It returns an earlier path, or parent folder, that differs only in case, or "".
func (n names) add(p string) (other string) {
	for end := 1; end <= len(p); end++ {
		if end < len(p) && p[end] != '/' {
			continue
		}
		part := p[:end]
		key := tree.Fold(part)
		was, ok := n.folded[key]
		switch {
		case ok && was != part && other == "":
			other = was
		case !ok:
			n.folded[key] = part
		}
		if end < len(p) {
			n.folders[part] = p
		}
	}
	return other
}
