package project

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/template"
	"dockerflow/generator/tree"
	"dockerflow/generator/yamlnode"
)

// Record is the content of a project's RecordFile.
type Record struct {
	Template string
	Origin   template.Origin // of the template, relative to the project; zero for an embedded template
	Version  int
	Extends  map[string]int       // the versions of the templates that it extends
	Adopted  bool                 // the template did not generate the project: the user decides what it adds
	Answers  map[string]string    // as written, not yet checked by the template's questions
	Files    map[string]string    // the git blob id of each file's pristine content, by path
	Kept     map[string]string    // the same for the user's own files, which no update touches
	Bases    map[string]tree.File // the pristine content of those of Files that may be in no commit

	layout layout
}

// ErrNoRecord is returned for a RecordFile that serves another purpose: it names no template.
var ErrNoRecord = errors.New("it names no template")

// MaxRecord limits the size of a RecordFile, in bytes. A record of 10,000 files has about a megabyte.
const MaxRecord = 8 << 20

// ReadRecord parses the content of a RecordFile, which is untrusted. Errors start with line and column, and it accepts no path
// that leads out of the project. It ignores the sections of other commands.
func ReadRecord(data []byte) (*Record, error) {
	if len(data) > MaxRecord {
		return nil, fmt.Errorf("1:1: want at most %d bytes", MaxRecord)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, ErrNoRecord
	}
	doc, err := yamlnode.Read(data, yamlnode.Options{Want: "want one document with one key: value per line"})
	if err != nil {
		return nil, cmp.Or(conflictOf(data), err)
	}
	r := &Record{Answers: map[string]string{}, Files: map[string]string{}, Kept: map[string]string{}, Extends: map[string]int{}, Bases: map[string]tree.File{}}
	r.layout = layout{files: r.Files, kept: r.Kept, bases: map[string]string{}}
	found, err := r.readSections(doc.Content[0])
	if err != nil {
		return nil, err
	}
	if !found["template"] && !found["files"] {
		return nil, ErrNoRecord
	}
	for _, key := range []string{"template", "version", "answers", "files"} {
		if !found[key] {
			return nil, fmt.Errorf("1:1: no %s: the file was truncated or edited", key)
		}
	}
	if err := r.unpackBases(); err != nil {
		return nil, err
	}
	r.layout.template, r.layout.origin, r.layout.version, r.layout.extends, r.layout.adopted = r.Template, r.Origin, r.Version, r.Extends, r.Adopted
	return r, r.checkPaths()
}

// readSections reads the mapping at the top of the file.
func (r *Record) readSections(top *yaml.Node) (found map[string]bool, err error) {
	found = map[string]bool{}
	return found, yamlnode.EachPair(top, "a record", func(key, value *yaml.Node) (err error) {
		found[key.Value] = true
		switch key.Value {
		case "template":
			r.Template, err = yamlnode.Scalar(value, "template")
		case "source":
			r.Origin.Source, err = lineOf(value, "source")
		case "ref":
			r.Origin.Ref, err = lineOf(value, "ref")
		case "commit":
			r.Origin.Commit, err = lineOf(value, "commit")
		case "version":
			r.Version, err = versionOf(value)
		case "extends":
			err = yamlnode.EachPair(value, "extends", func(key, value *yaml.Node) (err error) {
				r.Extends[key.Value], err = versionOf(value)
				return err
			})
		case "adopted":
			if r.Adopted, err = strconv.ParseBool(value.Value); err != nil || value.Kind != yaml.ScalarNode {
				err = yamlnode.At(value, "adopted: want true or false")
			}
		case "answers":
			err = yamlnode.EachPair(value, "answers", func(key, value *yaml.Node) error {
				s, err := yamlnode.Scalar(value, yamlnode.Quote(key.Value))
				r.Answers[key.Value] = s
				if value.ShortTag() == "!!str" {
					s = scalar(s)
				}
				r.layout.answers = append(r.layout.answers, [2]string{key.Value, s})
				return err
			})
		case "files":
			err = readIDs(value, "files", r.Files)
		case "kept":
			err = readIDs(value, "kept", r.Kept)
		case "bases":
			err = yamlnode.EachPair(value, "bases", func(key, value *yaml.Node) (err error) {
				r.layout.bases[key.Value], err = yamlnode.Scalar(value, yamlnode.Quote(key.Value))
				return err
			})
		case "check": // for the check command
		default:
			err = yamlnode.At(key, "unknown key %s: written by another tool, or by a newer dockerflow?", tree.Shorten(key.Value))
		}
		return err
	})
}

// unpackBases checks each text against its id in files, so that no other text can get into a merge.
func (r *Record) unpackBases() error {
	for p, word := range r.layout.bases {
		data, err := unpack(word)
		if err != nil || tree.BlobID(data) != r.Files[p] {
			return fmt.Errorf("1:1: bases: the text of %s does not match its id in files: delete the line", tree.Shorten(p))
		}
		r.Bases[p] = tree.NewFile(data)
	}
	return nil
}

func readIDs(n *yaml.Node, section string, into map[string]string) error {
	return yamlnode.EachPair(n, section, func(key, value *yaml.Node) error {
		if err := tree.CheckPath(key.Value); err != nil {
			return yamlnode.At(key, "path %s: %w", tree.Shorten(key.Value), err)
		}
		if value.Kind != yaml.ScalarNode || !isBlobID(value.Value) {
			return yamlnode.At(value, "%s: want a git blob id, 40 hexadecimal digits", tree.Shorten(key.Value))
		}
		into[key.Value] = value.Value
		return nil
	})
}

// isBlobID reports whether s is a full SHA-1 id. Git could take anything else for an option, a name or several lines.
func isBlobID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 40
}

// checkPaths checks all paths together, and rejects two that cannot coexist in one file system.
func (r *Record) checkPaths() error {
	all := make(tree.Tree, len(r.Files)+len(r.Kept))
	for _, ids := range []map[string]string{r.Files, r.Kept} {
		for p := range ids {
			if _, twice := all[p]; twice {
				return fmt.Errorf("1:1: %q is in both files and kept", p)
			}
			all[p] = tree.File{}
		}
	}
	if err := all.CheckPaths(); err != nil {
		return fmt.Errorf("1:1: %w", err)
	}
	return nil
}

// conflictOf finds git's conflict markers in a text. They are the usual reason why it is not valid YAML.
func conflictOf(data []byte) error {
	line := 1
	for text := range bytes.Lines(data) {
		if bytes.HasPrefix(text, []byte("<<<<<<< ")) {
			return fmt.Errorf("%d:1: there is a git merge conflict here: resolve it first", line)
		}
		line++
	}
	return nil
}
