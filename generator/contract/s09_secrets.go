package contract

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/lazyregexp"
)

var s09 = Rule{
	ID:     "S9",
	Level:  Must,
	Says:   "Configuration comes only from the environment; the image contains no secrets and no .env files.",
	Source: "2016 specification, Configuration; current specification, Containerized App Requirements 1; .env files: practice",
	URL:    required,
	Needs:  aDockerfile,
	Fix:    "Exclude .env*, .git and credentials in .dockerignore, preferably with an allow-list; pass build secrets with RUN --mount=type=secret.",
	repo:   onDockerfile(secrets),
	image:  onFiles((*Image).secrets),
}

// usualSecrets are common in working copies, and never in git.
var usualSecrets = []string{".env", ".env.local", ".env.production", ".git/config"}

// googleSecret is what Google's action for GitHub leaves in the working copy.
const googleSecret = "gha-creds-0123456789abcdef.json"

// Variables that hold a secret, by their names, and those that do not though their names sound so.
var (
	secretName = lazyregexp.New(`(?i)(?:^|_)(?:(?:api|access|secret|private|signing|encryption|ssh|deploy|session|license|service)_?keys?|auth|credentials?|password|passwd|pword|secret|token)(?:_\d+)?$|^aws_access_key_id$|^key$`)
	publicName = lazyregexp.New(`(?i)(?:^|_)(?:public|gpg)(?:_|$)`)
	plainValue = lazyregexp.New(`(?i)^(?:true|false|yes|no|on|off|none|null|\d*|/run/secrets/.*|/[\w./-]+|https?://[^@\s]*)$`)
)

// secrets is S9.
func secrets(r *repo) Verdict {
	last := r.docker.Final()
	var found []Finding
	for _, name := range r.secretFiles() {
		places := r.docker.Places(last, name)
		if len(places) == 0 || r.hides(name) {
			continue
		}
		found = append(found, at(places[0].By.Line, "%s would be copied to %s", name, places[0].Path))
	}
	for _, s := range r.docker.Lineage(append(r.docker.Sources(last), last), map[*dockerfile.Stage]bool{}) {
		for _, st := range s.Own {
			found = append(found, secretVariables(st)...)
		}
	}
	undecided := ""
	if _, whole := r.tree(); !whole {
		undecided = "the repository has too many files to search for secrets"
	}
	return judge(unique(found), undecided)
}

// maxSecrets bounds how many files are followed into the image.
const maxSecrets = 50

// secretFiles returns the secret files that are in the repository, that its Dockerfile names, or that are common in
// working copies.
func (r *repo) secretFiles() []string {
	names := slices.Clone(usualSecrets)
	if r.ciMentions("google-github-actions/auth") {
		names = append(names, googleSecret)
	}
	add := func(name string) {
		r.budget.Steps(1 + len(name)/budget.BytesOfStep)
		if isSecret(path.Base(name)) && !slices.Contains(names, name) && len(names) < maxSecrets {
			names = append(names, name)
		}
	}
	all, _ := r.tree()
	for _, name := range all {
		add(name)
	}
	for _, s := range r.docker.Stages {
		for _, st := range s.Own {
			if c, ok := st.Copying(); ok && c.From == "" {
				for _, source := range c.SourcePaths {
					add(strings.TrimPrefix(path.Clean("/"+source), "/"))
				}
			}
		}
	}
	return names
}

// samples lists the extensions of sample files, which contain no real secrets.
var samples = []string{".example", ".sample", ".template", ".dist", ".tmpl", ".default", ".defaults"}

// isSecret reports whether a file contains secrets, by its name. Samples do not.
func isSecret(base string) bool {
	if strings.HasPrefix(base, ".env.") {
		return !slices.Contains(samples, path.Ext(base)) && !strings.ContainsAny(base, "*?")
	}
	return slices.Contains([]string{".env", "id_rsa", "id_ed25519", "id_ecdsa", ".netrc", ".pypirc"}, base)
}

// HasSamples reports whether a repository has files such as .env.example, which are no secrets and may be needed.
func HasSamples(files fs.FS) bool {
	entries, whole := readDir(files, ".", maxEntries)
	if !whole {
		return true
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".env.") && !isSecret(e.Name()) {
			return true
		}
	}
	return false
}

// secretVariables finds values that stay readable in the image.
func secretVariables(s dockerfile.Step) []Finding {
	var found []Finding
	add := func(kind, name, value string) {
		s.Budget().Steps(5 + len(name)/2 + len(value)/2)
		if secretName().MatchString(name) && !publicName().MatchString(name) && (value == "" || !plainValue().MatchString(value)) {
			s.Budget().Findings(1)
			found = append(found, at(s.Line, "the value of %s %s is readable in the image", kind, name))
		}
	}
	switch c := s.Command.(type) {
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if kv.Value != "" {
				add("ENV", kv.Key, kv.Value)
			}
		}
	case *instructions.ArgCommand:
		for _, a := range c.Args {
			value := ""
			if a.Value != nil {
				value = *a.Value
			}
			add("ARG", a.Key, value)
		}
	}
	return found
}

// usual matches variables of official images with public keys.
var usual = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)(?:^|_)(?:gpg|pgp)`) })

// passwordURL matches a user and a password in a URL, whose values stand there.
var passwordURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[a-z]://[^\s/:@$'"{}]*:([^\s/:@$'"{}*]+)@`)
})

// foreign lists folders that do not belong to the project: systems and dependencies contain samples and tests with such
// names.
var foreign = []string{
	"node_modules", "site-packages", "dist-packages", "vendor", "gems", "bower_components", "testdata", "pkg/mod", "registry/src",
}

// secrets is S9, as far as names show it.
func (i *Image) secrets() Verdict {
	var r Faults
	for n, l := range i.Layers {
		for _, f := range l.Files {
			if secret(f) {
				r.Add("/%s is in %s", f.Name, i.layerName(n))
			}
		}
	}
	for _, kv := range i.Config.Env {
		if name, value, _ := strings.Cut(kv, "="); secretValue(name, value) {
			r.Add("the value of variable %s can be read in the image", name)
		}
		r.login(kv, "an environment variable")
	}
	for _, l := range i.Layers {
		if m := arguments().FindStringSubmatch(l.By); m != nil {
			before, _, _ := strings.Cut(m[1], " /bin/")
			for word := range strings.FieldsSeq(before) {
				if name, value, ok := strings.Cut(word, "="); ok && secretValue(name, value) {
					r.Add("the value of build argument %s can be read in the image's history", name)
				}
			}
		}
		r.login(l.By, "the image's history")
	}
	return r.judge(i.Unread)
}

func secretValue(name, value string) bool {
	return value != "" && isSecretVariable(name) && !usual().MatchString(name)
}

func (r *Faults) login(text, where string) {
	if passwordURL().MatchString(text) {
		r.Add("a URL with a password can be read in %s", where)
	}
}

// secret reports whether a file contains secrets, by its name and path.
func secret(f File) bool {
	if !f.Mode.IsRegular() {
		return false
	}
	for _, system := range []string{"usr", "lib", "lib64", "bin", "sbin", "var/lib", "var/cache", "proc", "sys", "nix"} {
		if within(f.Name, system) {
			return false
		}
	}
	for _, folder := range foreign {
		if strings.Contains("/"+f.Name, "/"+folder+"/") {
			return false
		}
	}
	base := path.Base(f.Name)
	gcp, _ := path.Match("gha-creds-*.json", base)
	return gcp || IsSecretFile(base) || slices.Contains([]string{"app/.git/config", ".git/config"}, f.Name) ||
		strings.HasSuffix(f.Name, ".docker/config.json") || strings.HasSuffix(f.Name, ".aws/credentials")
}

// IsSecretFile reports whether a file with this base name contains secrets.
func IsSecretFile(base string) bool { return isSecret(base) }

// isSecretVariable reports whether a variable of this name contains a secret.
func isSecretVariable(name string) bool {
	return secretName().MatchString(name) && !publicName().MatchString(name)
}
