package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
	"dockerflow/generator/yamlnode"
)

// maxAnswers is the maximum size of an answers file, in bytes.
const maxAnswers = 64 << 10

// readAnswers adds the answers of a file. Flags override them.
func (s *answerSet) readAnswers(ctx context.Context, file string) error {
	if file == "" {
		return nil
	}
	data, err := s.readInput(ctx, "--answers", file, maxAnswers)
	if err != nil {
		return err
	}
	pairs, err := answerPairs(data)
	if err != nil {
		return failure.New("", "--answers %s:%w", file, err)
	}
	if _, ok := s.given["template"]; !ok {
		if name, ok := valueOf(pairs, "template"); ok {
			s.given["template"] = name
			if err := s.choose(ctx); err != nil {
				return err
			}
		}
	}
	given, err := parseAnswers(pairs, s.questions())
	if err != nil {
		return failure.New("", "--answers %s:%w", file, err)
	}
	for name, answer := range given {
		if _, ok := s.given[name]; !ok {
			s.given[name] = answer
		}
	}
	return nil
}

// readInput reads the file that a flag names: UTF-8 text of at most limit bytes.
func (s *answerSet) readInput(ctx context.Context, flag, name string, limit int) ([]byte, error) {
	open := func() (io.ReadCloser, error) { return openGiven(s.env.FS, name) }
	if name == "-" {
		s.env.Prompts = prompt.None // standard input is the file
		open = func() (io.ReadCloser, error) { return io.NopCloser(s.env.In), nil }
	}
	data, err := readAll(ctx, open, int64(limit)+1)
	var path *fs.PathError
	switch {
	case errors.As(err, &path) && path.Op == "open": // the error already names the file
		return nil, failure.New("", "%s: %w", flag, err)
	case err != nil:
		return nil, failure.New("", "%s %s: %w", flag, name, err)
	case len(data) > limit:
		return nil, failure.New("", "%s %s: want at most %d bytes", flag, name, limit)
	case !utf8.Valid(data):
		return nil, failure.New("", "%s %s: want UTF-8 text", flag, name)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// openGiven opens a file that a flag names. It may be a named pipe, as in --answers <(jq …): then openGiven blocks until
// a writer opens it, so call it from a goroutine that can be abandoned.
func openGiven(fsys tree.FS, name string) (io.ReadCloser, error) {
	if disk, ok := fsys.(tree.Disk); ok {
		return disk.OsFs.Open(name)
	}
	return fsys.Open(name)
}

// readAll opens a reader and reads at most limit bytes. It returns early when ctx ends, because a pipe may block forever.
func readAll(ctx context.Context, open func() (io.ReadCloser, error), limit int64) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		r, err := open()
		if err != nil {
			done <- result{nil, err}
			return
		}
		defer r.Close()
		data, err := io.ReadAll(io.LimitReader(r, limit))
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// answerPairs reads a mapping of question to answer. It returns YAML nodes, not decoded values, because nodes keep the
// text as written: 3.10 stays 3.10.
func answerPairs(data []byte) ([]*yaml.Node, error) {
	doc, err := yamlnode.Read(data, yamlnode.Options{Want: "want one document of question: answer pairs, one per line"})
	if err != nil {
		return nil, err
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		return nil, yamlnode.At(doc, "want question: answer pairs, one per line")
	}
	return doc.Content[0].Content, nil
}

// valueOf returns the string value of a key, if it has one.
func valueOf(pairs []*yaml.Node, key string) (string, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key && pairs[i+1].ShortTag() == "!!str" {
			return pairs[i+1].Value, true
		}
	}
	return "", false
}

// parseAnswers checks keys and values against the questions and returns the answers.
func parseAnswers(pairs []*yaml.Node, questions map[string]template.Question) (map[string]string, error) {
	given := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i], pairs[i+1]
		q, ok := questions[key.Value]
		if !ok {
			return nil, yamlnode.At(key, "no question %q%s", key.Value, nearQuestion(key.Value, questions))
		}
		if _, twice := given[q.Name]; twice {
			return nil, yamlnode.At(key, "%s is answered twice", q.Name)
		}
		if !fits(q, value) {
			return nil, yamlnode.At(value, "%s: want %s", q.Name, kinds[q.Type])
		}
		given[q.Name] = value.Value
	}
	return given, nil
}

func nearQuestion(name string, questions map[string]template.Question) string {
	var names []string
	for n := range questions {
		names = append(names, n)
	}
	slices.Sort(names)
	if hint := suggest("", name, names, ""); hint != "" {
		return ": " + hint
	}
	return ""
}

// kinds describes the value that an answers file needs for each type of question.
var kinds = map[string]string{
	"string": "text; put it in quotes",
	"choice": "text; put it in quotes",
	"int":    "a whole number",
	"bool":   "true or false",
}

// fits reports whether a value has its question's type. A choice may be written as a number: 3.14.
func fits(q template.Question, value *yaml.Node) bool {
	if value.Kind != yaml.ScalarNode {
		return false
	}
	switch value.ShortTag() {
	case "!!str", "!!timestamp":
		return q.Type == "string" || q.Type == "choice"
	case "!!int":
		return q.Type == "int" || q.Type == "choice"
	case "!!float":
		return q.Type == "choice"
	case "!!bool":
		return q.Type == "bool"
	}
	return false
}
