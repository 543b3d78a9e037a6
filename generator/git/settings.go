package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// always is set for every call. Today's calls do not need some of these settings, but those of a later version of git
// may.
var always = []string{
	"safe.bareRepository=explicit", // ignore a folder of a clone that looks like a repository
	"core.fsmonitor=false",         // a program that reports changed files
	"core.hooksPath=" + os.DevNull,
	"core.pager=cat",
	"core.editor=:",
	"sequence.editor=:",
	"diff.external=",
	"log.showSignature=false", // this would run the program that verifies signatures
	"submodule.recurse=false",
	"gc.auto=0", // git would start itself in the background
	"maintenance.auto=false",
}

// local is set for calls that use no network. These programs would otherwise run for a request, or get a login.
var local = []string{"core.sshCommand=false", "core.askPass=", "credential.helper="}

// calls are the commands that may be run. The value reports whether a filter or a hook can run in one.
//
// The other commands read objects, refs, configuration, attributes or the index. They do not compare files and write
// nothing, so no filter, diff driver or hook runs.
var calls = map[string]bool{
	"cat-file":     false, // without --textconv and --filters
	"check-attr":   false,
	"config":       false,
	"log":          false, // with a format, without patches and signatures
	"ls-files":     false,
	"ls-tree":      false,
	"ls-remote":    false,
	"rev-parse":    false,
	"var":          false,
	"add":          true,
	"commit":       true,
	"fetch":        true,
	"hash-object":  true,
	"init":         true,
	"status":       true,
	"update-index": true,
}

// arguments returns git's arguments. The settings come first: they override those in files.
func (c Command) arguments(off []string) []string {
	settings := slices.Concat(c.Settings, always)
	if c.Purpose != Fetch {
		settings = append(settings, local...)
	}
	args := []string{"--no-pager"}
	for _, setting := range append(settings, off...) {
		args = append(args, "-c", setting)
	}
	if c.GitDir != "" && c.Args[0] != "init" { // which gets the folder as an argument
		args = append(args, "--git-dir="+c.GitDir)
	}
	return append(args, c.Args...)
}

// turnOff returns settings that turn off the filters and hooks of the configuration that the call must not run.
func (c Command) turnOff(ctx context.Context) ([]string, error) {
	reaches, known := calls[c.Args[0]]
	if !known {
		return nil, fmt.Errorf("git %s: the program must not run this command", c.Args[0])
	}
	if !reaches {
		return nil, nil
	}
	list := Command{Dir: c.Dir, GitDir: c.GitDir, Environ: c.Environ, Program: c.Program}
	list.Args = []string{"config", "--null", "--name-only", "--get-regexp", `^(filter|hook)\.`}
	if c.Args[0] == "init" {
		list.GitDir = "" // it does not exist yet
	}
	out, err := list.Output(ctx)
	var none *Error
	if errors.As(err, &none) && none.Code == 1 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return switches(strings.Split(out, "\x00"), c.Purpose == Commit)
}

// switches returns the settings that turn off what these keys configure.
func switches(keys []string, filters bool) (off []string, err error) {
	seen := map[string]bool{}
	for _, key := range keys {
		name := key[:max(0, strings.LastIndexByte(key, '.'))]
		kind, _, named := strings.Cut(name, ".")
		if !named || seen[name] || kind == "filter" && filters {
			continue
		}
		seen[name] = true
		if strings.Contains(name, "=") { // git would end the key there, and set another one
			return nil, fmt.Errorf("git's configuration contains %q, which cannot be turned off: rename it", name)
		}
		if kind == "filter" {
			off = append(off, name+".clean=", name+".smudge=", name+".process=", name+".required=false")
		} else {
			off = append(off, name+".enabled=false")
		}
	}
	return off, nil
}
