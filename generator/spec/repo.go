package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// maxFile bounds what is read of one file. No configuration is as long.
const maxFile = 1 << 20

// repo is a repository, read once for all rules.
type repo struct {
	files  fs.FS
	docker *dockerfile
	ignore *ignore
	broken *Finding // why there is no docker or ignore
}

func open(files fs.FS) *repo {
	r := &repo{files: files}
	data, err := r.read("Dockerfile")
	if errors.Is(err, fs.ErrNotExist) {
		r.broken = &Finding{Text: "there is no Dockerfile"}
		return r
	}
	if err == nil {
		r.docker, err = parseDockerfile(data)
	}
	if err != nil {
		r.broken = &Finding{Path: "Dockerfile", Line: lineOf(err), Text: err.Error()}
		return r
	}
	if r.ignore, err = r.readIgnore(); err != nil {
		r.broken = &Finding{Path: ".dockerignore", Text: err.Error()}
	}
	return r
}

// read gives a text file without its byte order mark, and never more than maxFile of it.
func (r *repo) read(name string) ([]byte, error) {
	f, err := r.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("longer than %d bytes", maxFile)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("not a text file")
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// has tells whether the repository has such a file.
func (r *repo) has(name string) bool {
	info, err := fs.Stat(r.files, name)
	return err == nil && info.Mode().IsRegular()
}

// onDockerfile makes a rule of a check that needs the Dockerfile.
func onDockerfile(check func(*repo) Verdict) func(*repo) Verdict {
	return func(r *repo) Verdict {
		if r.broken != nil {
			return unknown(r.broken.Text)
		}
		return check(r)
	}
}

// at is a finding in the Dockerfile.
func at(line int, format string, args ...any) Finding {
	return Finding{Path: "Dockerfile", Line: line, Text: fmt.Sprintf(format, args...)}
}
