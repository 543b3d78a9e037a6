package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/yamlnode"
)

// edited returns a configuration with one value set, or removed if value is nil. In a file with the usual layout, all other
// lines stay unchanged; otherwise the file is reformatted, with its comments and order kept.
func edited(data []byte, section, name string, value *string) ([]byte, error) {
	old, err := parse(data)
	if err != nil {
		return nil, err
	}
	want := texts(old)
	delete(want, section+"."+name)
	if value != nil {
		want[section+"."+name] = *value
	}
	holds := func(text []byte) bool {
		doc, err := parse(text)
		return err == nil && maps.Equal(texts(doc), want)
	}
	if text := editLines(data, old, section, name, value); holds(text) {
		return text, nil
	}
	setNode(old, section, name, value)
	return yaml.Dump(old, yaml.WithIndent(2))
}

// texts returns the values of all sections, by key.
func texts(doc *yaml.Node) map[string]string {
	all := map[string]string{}
	if doc == nil {
		return all
	}
	for key, section := range yamlnode.Pairs(doc.Content[0]) {
		for name, value := range yamlnode.Pairs(section) {
			all[key.Value+"."+name.Value] = value.Value
		}
	}
	return all
}

// editLines changes, adds or removes one line. It assumes the usual layout: its caller checks the result.
func editLines(data []byte, doc *yaml.Node, section, name string, value *string) []byte {
	newline := "\n"
	if bytes.Contains(data, []byte("\r\n")) {
		newline = "\r\n"
	}
	lines := slices.Collect(strings.Lines(string(data)))
	if n := len(lines); n > 0 && !strings.HasSuffix(lines[n-1], "\n") {
		lines[n-1] += newline
	}
	top := &yaml.Node{}
	if doc != nil {
		top = doc.Content[0]
	}
	head, entries := yamlnode.Find(top, section)
	key, old := yamlnode.Find(entries, name)
	switch {
	case value == nil && key != nil:
		lines = slices.Delete(lines, key.Line-1, key.Line)
	case value == nil:
	case key != nil:
		line := lines[old.Line-1]
		lines[old.Line-1] = line[:old.Column-1] + replaceScalar(line[old.Column-1:], old.Value, scalarText(*value))
	case head == nil:
		lines = append(lines, section+":"+newline, "  "+name+": "+scalarText(*value)+newline)
	default:
		after, indent := head.Line, "  "
		if n := len(entries.Content); n > 0 {
			after, indent = entries.Content[n-1].Line, strings.Repeat(" ", entries.Content[0].Column-1)
		}
		lines = slices.Insert(lines, after, indent+name+": "+scalarText(*value)+newline)
	}
	return []byte(strings.Join(lines, ""))
}

// replaceScalar replaces the scalar at the start of rest, and keeps a comment after it.
func replaceScalar(rest, old, text string) string {
	if quoted := regexp.MustCompile(`^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')`).FindString(rest); quoted != "" {
		old = quoted
	}
	return text + strings.TrimPrefix(rest, old)
}

// scalarText returns a text in YAML syntax, unquoted if that is read back as the same text.
func scalarText(s string) string {
	if n, err := yamlnode.Read([]byte("x: "+s), yamlnode.Options{}); err == nil {
		if _, v := yamlnode.Find(n.Content[0], "x"); v != nil && v.Value == s && isText(v) && v.LineComment == "" && n.FootComment == "" {
			return s
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // no text fails
	return strings.TrimSuffix(b.String(), "\n")
}

// setNode sets or removes a value in the document's nodes.
func setNode(doc *yaml.Node, section, name string, value *string) {
	top := doc.Content[0]
	_, entries := yamlnode.Find(top, section)
	if value == nil {
		i := slices.IndexFunc(entries.Content, func(n *yaml.Node) bool { return n.Value == name })
		entries.Content = slices.Delete(entries.Content, i, i+2)
		return
	}
	if yamlnode.IsNull(top) {
		mapping(top)
	}
	if entries == nil {
		entries = mapping(&yaml.Node{})
		top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: section}, entries)
	}
	if yamlnode.IsNull(entries) {
		mapping(entries)
	}
	_, old := yamlnode.Find(entries, name)
	if old == nil {
		old = &yaml.Node{}
		entries.Content = append(entries.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, old)
	}
	*old = yaml.Node{Kind: yaml.ScalarNode, LineComment: old.LineComment}
	old.SetString(*value)
}

func mapping(n *yaml.Node) *yaml.Node {
	n.Kind, n.Tag, n.Value = yaml.MappingNode, "!!map", ""
	return n
}
