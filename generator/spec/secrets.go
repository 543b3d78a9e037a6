package spec

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// usualSecrets lie in many a working copy, and never in git.
var usualSecrets = []string{".env", ".env.local", ".env.production", ".git/config", "gha-creds-0123456789abcdef.json"}

// secretName matches variables that hold a secret, as docker build's own check does.
var (
	secretName = lazy(`(?i)(?:^|_)(?:api_?key|auth|credentials?|key|password|passwd|pword|secret|token)(?:_|$)`)
	publicName = lazy(`(?i)(?:^|_)public(?:_|$)|_(?:file|path|dir|url|host|port|ttl)$`)
)

// secrets is S9.
func secrets(r *repo) Verdict {
	last := r.docker.final()
	var found []Finding
	for _, name := range append(r.secretFiles(), usualSecrets...) {
		places := r.docker.places(last, name)
		if _, out := r.ignore.shutsOut(name); out || len(places) == 0 {
			continue
		}
		found = append(found, at(places[0].by.line, "%s would get in as %s", name, places[0].path))
	}
	for _, s := range append(r.docker.sources(last), last) {
		for _, st := range s.own {
			found = append(found, secretVariables(st)...)
		}
	}
	return judge(found, "")
}

// secretFiles are those that lie in the repository.
func (r *repo) secretFiles() []string {
	var names []string
	_ = fs.WalkDir(r.files, ".", func(name string, e fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil && e == nil:
			return err
		case e.IsDir() && (err != nil || slices.Contains([]string{".git", "node_modules", ".venv"}, base)):
			return fs.SkipDir
		case err == nil && !e.IsDir() && isSecret(base) && !slices.Contains(usualSecrets, name):
			names = append(names, name)
		}
		return nil
	})
	return names
}

// isSecret tells it by the file's name. Samples are no secrets.
func isSecret(base string) bool {
	if strings.HasPrefix(base, ".env.") {
		return !slices.Contains([]string{".example", ".sample", ".template", ".dist"}, path.Ext(base))
	}
	return slices.Contains([]string{".env", "id_rsa", "id_ed25519", ".netrc", ".pypirc"}, base)
}

// secretVariables finds values that stay readable in the image.
func secretVariables(s step) []Finding {
	var found []Finding
	add := func(kind, name string) {
		if secretName().MatchString(name) && !publicName().MatchString(name) {
			found = append(found, at(s.line, "%s %s stays readable in the image", kind, name))
		}
	}
	switch c := s.Command.(type) {
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if kv.Value != "" {
				add("ENV", kv.Key)
			}
		}
	case *instructions.ArgCommand:
		for _, a := range c.Args {
			add("ARG", a.Key)
		}
	}
	return found
}
