// Package tree has the files of a project, in memory and on disk, and knows which paths are safe to write.
package tree

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"syscall"
)

// Absent reports whether an error means that a file does not exist. This includes a file in place of a parent folder:
// the search for the nearest existing folder finds that file later.
func Absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// CanExecute is false on Windows, where files have no executable bit.
func CanExecute(m fs.FileMode) bool { return filepath.Separator == '/' && m&0o100 != 0 }

// RecordFile is the file in which a project records what it was generated from. It is committed with the project.
const RecordFile = ".dockerflow.yaml"

// BlobID returns the id that git gives to data: the SHA-1 of a header and the content, in hexadecimal.
func BlobID(data []byte) string {
	h := sha1.New()
	h.Write([]byte("blob " + strconv.Itoa(len(data)) + "\x00"))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// File is one file of a Tree.
type File struct {
	Mode fs.FileMode // 0644, or 0755 for a file that starts with #!
	Data []byte
}

// Tree maps slash-separated paths to the files of a project.
type Tree map[string]File

// NewFile returns a file with the given content. It is executable if the content starts with #!.
func NewFile(data []byte) File {
	if bytes.HasPrefix(data, []byte("#!")) {
		return File{0o755, data}
	}
	return File{0o644, data}
}

// StateFolder is the default name of the state folder.
const StateFolder = ".dockerflow-update"

// GitMode is the mode that git has for a regular file.
func GitMode(m fs.FileMode) string {
	if m&0o100 != 0 {
		return "100755"
	}
	return "100644"
}
