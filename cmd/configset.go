package cmd

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/afero"

	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// set judges before it writes. A template of a team's may ask what no template of this program does.
func (o *configOptions) set(section, name, value string) error {
	key := section + "." + name
	if err := judgeKey(section, name, o.env.Templates); err != nil {
		return failure.New("", "%s: %w", key, err)
	}
	if err := judgeValue(section, value); err != nil {
		return failure.New("", "%s: %w", key, err)
	}
	asked := o.asked()
	if _, known := asked[name]; section == answersSection && !known {
		o.env.note("no template of this program asks for %s%s", name, nearQuestion(name, asked))
	}
	if section == answersSection {
		if err := refused(o.templates, name, value); err != nil {
			return (&config{}).refusal(err)
		}
	}
	if err := o.edit(section, name, &value); err != nil {
		return err
	}
	o.env.Out.Line("%s: %s is %s", o.env.Config, key, value)
	return nil
}

func (o *configOptions) remove(section, name string) error {
	data, err := readConfigFile(o.env)
	if err != nil {
		return err
	}
	doc, err := parseConfig(data)
	if err != nil {
		return failure.New("mend it there", "%s:%w", o.env.Config, err)
	}
	if _, ok := texts(doc)[section+"."+name]; !ok {
		return o.notSet(section, name, nil)
	}
	if err := o.edit(section, name, nil); err != nil {
		return err
	}
	o.env.Out.Line("%s: %s.%s is not set any more", o.env.Config, section, name)
	return nil
}

// edit writes the file whole or not at all: that which a symbolic link leads to, as dotfile managers make them.
func (o *configOptions) edit(section, name string, value *string) error {
	data, err := readConfigFile(o.env)
	if err != nil {
		return err
	}
	text, err := edited(data, section, name, value)
	if err != nil {
		return failure.New("mend it there", "%s:%w", o.env.Config, err)
	}
	if len(text) > maxUserConfig {
		return failure.New("", "configuration %s: want at most %d bytes", o.env.Config, maxUserConfig)
	}
	file, err := followed(o.env.FS, o.env.Config)
	if err == nil {
		err = o.env.FS.MkdirAll(filepath.Dir(file), 0o700)
	}
	mode := fs.FileMode(0o600)
	if info, serr := o.env.FS.Stat(file); serr == nil {
		mode = info.Mode().Perm()
	}
	if err == nil {
		err = replaceFile(o.env.FS, file, text, mode)
	}
	if err != nil {
		return failure.New("", "write the configuration: %w", err)
	}
	return nil
}

// followed is the file that a symbolic link leads to, whether or not it exists.
func followed(fsys tree.FS, name string) (string, error) {
	links, ok := fsys.(afero.LinkReader)
	for range 40 {
		info, err := fsys.Lstat(name)
		if !ok || err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return name, nil //nolint:nilerr // what is not there is made
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
