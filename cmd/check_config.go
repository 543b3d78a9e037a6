package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/regular"
	"dockerflow/generator/tree"
)

// maxConfig is the maximum size of a project's configuration and of its baseline, in bytes.
const maxConfig = 4 << 20

// readCheckConfig reads the check section of the project's record, if there is one. Errors call the file name.
func readCheckConfig(files fs.FS, name string) (contract.Config, error) {
	data, err := readRegular(files, tree.RecordFile)
	if errors.Is(err, fs.ErrNotExist) {
		return contract.Config{}, nil
	}
	if err != nil {
		return contract.Config{}, fmt.Errorf("%s: %w", name, err)
	}
	config, err := contract.ReadConfig(data)
	if err != nil {
		err = fmt.Errorf("%s:%w", name, err)
	}
	return config, err
}

// readRegular reads a regular file of a repository.
func readRegular(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return regular.Read(f, maxConfig)
}

// readKnown reads the baseline that the flag or, without it, the project's configuration names.
func (o *checkOptions) readKnown(c *checked, files fs.FS, own string) error {
	var data []byte
	var err error
	switch {
	case o.writeBaseline != "":
		return nil
	case o.baseline != "":
		c.Baseline = o.baseline
		data, err = tree.ReadBounded(o.env.FS, o.baseline, maxConfig)
	case own != "":
		c.Baseline = filepath.Join(o.dir, filepath.FromSlash(own))
		data, err = readRegular(files, path.Clean(own))
	default:
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return failure.New("create it with dockerflow check --write-baseline "+phrase.Quote(c.Baseline), "no baseline %s", c.Baseline)
	}
	if err == nil {
		c.known, err = contract.ReadBaseline(data)
	}
	if err != nil {
		return failure.New("create it with dockerflow check --write-baseline FILE", "baseline %s: %w", c.Baseline, err)
	}
	return nil
}

// saveBaseline writes the current findings, except those of ignored rules.
func (o *checkOptions) saveBaseline(c *checked) error {
	var wrong []contract.Result
	for _, r := range c.results {
		if c.ignored[r.ID] == "" {
			wrong = append(wrong, r)
		}
	}
	b := contract.NewBaseline(wrong)
	data, err := b.Format()
	if err != nil {
		return err
	}
	if err := replaceBaseline(o.env.FS, o.writeBaseline, data); err != nil {
		return failure.New("", "--write-baseline %s: %w", o.writeBaseline, err)
	}
	n, rules := 0, map[string]bool{}
	for _, k := range b {
		n += max(k.Count, 1)
		rules[k.Rule] = true
	}
	o.env.Out.Line("%s: %s of %s\nTo accept them, use --baseline %s, or set \"baseline: FILE\" under check in %s.",
		o.writeBaseline, phrase.Count(n, "finding"), phrase.Count(len(rules), "rule"), phrase.Quote(o.writeBaseline), tree.RecordFile)
	return err
}

// replaceBaseline writes a baseline atomically. It replaces an existing file only if that is a baseline.
func replaceBaseline(fsys tree.FS, name string, data []byte) error {
	info, err := fsys.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return regular.Err
	case err == nil:
		old, err := tree.ReadBounded(fsys, name, maxConfig)
		if err != nil {
			return err
		}
		if _, err := contract.ReadBaseline(old); err != nil && len(bytes.TrimSpace(old)) > 0 {
			return errors.New("the file exists and is not a baseline")
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return tree.Replace(fsys, name, data, 0o644)
}
