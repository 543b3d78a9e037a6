package generator

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// RecordFile is where a project says what it was made from. It is committed with the project.
const RecordFile = ".dockerflow.yaml"

const recordHead = `# What this project was made from: dockerflow reads it to keep the project up to date. Commit it.
`

// Record is the content of RecordFile for a tree of this template: the template, its version, every answer, and the
// git blob id of each file's content. The same template and answers give the same bytes.
func (t *Template) Record(a Answers, tree Tree) File {
	var b bytes.Buffer
	b.WriteString(recordHead)
	fmt.Fprintf(&b, "template: %s\nversion: %d\nanswers:\n", t.Name, t.Version)
	for _, q := range t.Questions {
		fmt.Fprintf(&b, "  %s: %s\n", q.Name, scalar(a[q.Name]))
	}
	b.WriteString("files:\n")
	for _, p := range slices.Sorted(maps.Keys(tree)) {
		b.WriteString("  " + scalar(p) + ": \"" + BlobID(tree[p].Data) + "\"\n")
	}
	return File{0o644, b.Bytes()}
}

// scalar writes a text in quotes, so that no YAML reader takes it for a number, a date or a truth.
func scalar(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if q := strconv.Quote(s); len(q) == len(s)+2 {
		return q // nothing in it had to be escaped: the usual case, and far quicker
	}
	q, _ := quote(s) // fails for no text
	return q
}

// BlobID is the id under which git stores data: the SHA-1 of its header and content, in hexadecimal.
func BlobID(data []byte) string {
	h := sha1.New()
	h.Write([]byte("blob " + strconv.Itoa(len(data)) + "\x00"))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}
