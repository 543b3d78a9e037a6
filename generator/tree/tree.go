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

// absent also takes a file for a folder on the way: the search for the folder that exists then meets that file.
func Absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// canExecute leaves Windows out, where no file has the bit.
func CanExecute(m fs.FileMode) bool { return filepath.Separator == '/' && m&0o100 != 0 }

// RecordFile is where a project says what it was made from. It is committed with the project.
const RecordFile = ".dockerflow.yaml"

// BlobID is the id under which git stores data: the SHA-1 of its header and content, in hexadecimal.
func BlobID(data []byte) string {
	h := sha1.New()
	h.Write([]byte("blob " + strconv.Itoa(len(data)) + "\x00"))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// File is one file of a Tree.
type File struct {
	Mode fs.FileMode // 0644, or 0755 for what starts with #!
	Data []byte
}

// Tree is a project's files by slash-separated path.
type Tree map[string]File

func NewFile(data []byte) File {
	if bytes.HasPrefix(data, []byte("#!")) {
		return File{0o755, data}
	}
	return File{0o644, data}
}

// StateFolder is the usual name of a state folder.
const StateFolder = ".dockerflow-update"
