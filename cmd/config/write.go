package config

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/afero"

	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// Set sets a key to a value that Check accepts. It keeps everything else in the file.
func Set(fsys tree.FS, file, section, name, value string) error {
	data, err := readFile(fsys, file)
	if err != nil {
		return err
	}
	return write(fsys, file, data, section, name, &value)
}

// Unset removes a key from the configuration and reports whether it was set.
func Unset(fsys tree.FS, file, section, name string) (bool, error) {
	data, err := readFile(fsys, file)
	if err != nil {
		return false, err
	}
	doc, err := parse(data)
	if err != nil {
		return false, failure.New("fix it there", "%s:%w", file, err)
	}
	if _, ok := texts(doc)[section+"."+name]; !ok {
		return false, nil
	}
	return true, write(fsys, file, data, section, name, nil)
}

// write replaces the file atomically. It follows symbolic links, because dotfile managers make them.
func write(fsys tree.FS, file string, data []byte, section, name string, value *string) error {
	text, err := edited(data, section, name, value)
	if err != nil {
		return failure.New("fix it there", "%s:%w", file, err)
	}
	if len(text) > maxFile {
		return failure.New("", "configuration %s: want at most %d bytes", file, maxFile)
	}
	target, err := followed(fsys, file)
	if err == nil {
		err = fsys.MkdirAll(filepath.Dir(target), 0o700)
	}
	mode := fs.FileMode(0o600)
	if info, serr := fsys.Stat(target); serr == nil {
		mode = info.Mode().Perm()
	}
	if err == nil {
		err = tree.Replace(fsys, target, text, mode)
	}
	if err != nil {
		return failure.New("", "write the configuration: %w", err)
	}
	return nil
}

// followed resolves symbolic links in name's last element. The target need not exist.
func followed(fsys tree.FS, name string) (string, error) {
	links, ok := fsys.(afero.LinkReader)
	for range 40 {
		info, err := fsys.Lstat(name)
		if !ok || err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return name, nil //nolint:nilerr // a missing file is created later
		}
		to, err := links.ReadlinkIfPossible(name)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(name), to)
		}
		name = to
	}
	return "", errors.New(name + ": too many symbolic links")
}
