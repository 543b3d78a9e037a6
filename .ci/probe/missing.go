package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"dockerflow/generator/contract"
)

// aside is where the version file is while the service runs without it.
func (p *probe) aside() string {
	return filepath.Join(filepath.Dir(p.versionFile), ".version.json.probe")
}

// restoreVersion puts back what an earlier probe left aside. The file is at one of the two places at any time, since it
// is only ever moved, and never over another.
func (p *probe) restoreVersion() error {
	aside, err := os.Lstat(p.aside())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if now, err := os.Lstat(p.versionFile); err == nil && os.SameFile(aside, now) {
		return os.Remove(p.aside()) // the earlier move was half done
	}
	return move(p.aside(), p.versionFile)
}

// move renames a file to a name that is free. The link keeps it from replacing anything.
func move(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// lacksVersion tries the service without its version.json.
func (p *probe) lacksVersion(ctx context.Context, port int) (err error) {
	where := fmt.Sprintf("on port %d without version.json", port)
	if err := move(p.versionFile, p.aside()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.restoreVersion()) }()
	s, err := p.start(port, "PORT="+strconv.Itoa(port))
	if err != nil {
		return err
	}
	defer s.Kill()
	if err := s.await(ctx, p.ready); err != nil {
		p.check("L3", where, err.Error())
		return nil
	}
	p.live(ctx, s, &contract.Service{Missing: true}, where, "L3", "L4")
	p.check("L10", where+": it stops on SIGTERM", s.stop(p.grace)...)
	p.logs(s, where)
	return nil
}
