package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"dockerflow/generator/glyph"
)

// maxName limits the length of an answer's or a template's name, in bytes.
const maxName = 100

var (
	answerName   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]*$`) })
	templateName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]*$`) })
	scpForm      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Za-z0-9._-]+@)?[A-Za-z0-9._-]{2,}:[^/\\]`) })
)

// Check returns an error if a key or its value is invalid.
func Check(section, name, value string, embedded fs.FS) error {
	if err := judgeKey(section, name, embedded); err != nil {
		return err
	}
	return judgeValue(section, value)
}

// judgeKey returns an error if a name in a section is invalid.
func judgeKey(section, name string, embedded fs.FS) error {
	switch {
	case len(name) > maxName:
		return fmt.Errorf("want a name of at most %d bytes", maxName)
	case section == Answers && name == "template":
		return errors.New("the template has no default: use --template")
	case section == Answers && !answerName().MatchString(name):
		return errors.New("want a name of lower-case letters, digits and underscores")
	case section == Templates && !templateName().MatchString(name):
		return errors.New("want a name of lower-case letters, digits and hyphens")
	}
	if section == Templates && embedded != nil {
		if _, err := fs.Stat(embedded, path.Join(name, "template.yaml")); err == nil {
			return errors.New("dockerflow has a template of that name: choose another name")
		}
	}
	return nil
}

// judgeValue returns an error if a value is invalid. The error never contains the value, which may have a credential.
func judgeValue(section, value string) error {
	switch {
	case value == "":
		return errors.New("want a text that is not empty")
	case glyph.Line(value) != value:
		return errors.New("want one line of printable text")
	case strings.Contains(value, "<%"):
		return errors.New("want plain text: <% %> works only in templates")
	case section == Templates:
		return judgeSource(value)
	}
	return nil
}

// judgeSource accepts sources that mean the same in every folder and contain no secret, because the file is plain text.
func judgeSource(source string) error {
	scheme, rest, remote := strings.Cut(source, "://")
	if !remote {
		if filepath.IsAbs(source) || scpForm().MatchString(source) {
			return nil
		}
		return errors.New("want a URL, or the absolute path of a folder or an archive")
	}
	authority, _, _ := strings.Cut(rest, "/")
	if user, host, ok := cutLast(authority, "@"); ok && host != "" {
		if _, _, secret := strings.Cut(user, ":"); secret || !strings.HasSuffix(scheme, "ssh") {
			return errors.New("want a URL without user and password, because this file is plain text: " +
				"use a git credential helper (git help credentials)")
		}
	}
	if _, err := url.Parse(scheme + "://" + authority); err != nil || authority == "" {
		return errors.New("want a URL with a host")
	}
	return nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
