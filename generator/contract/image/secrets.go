package image

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"dockerflow/generator/contract"
)

// usual matches what is signed or tested with in public: the keys of official images.
var usual = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)(?:^|_)(?:gpg|pgp)`) })

// login matches a user and a password in a URL, whose values stand there.
var login = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[a-z]://[^\s/:@$'"{}]*:([^\s/:@$'"{}*]+)@`)
})

// arguments matches those that BuildKit puts before a RUN in the history, with their values.
var arguments = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^RUN \|\d+ (.*)$`) })

// foreign folders are not the project's: systems and dependencies bring samples and tests with such names.
var foreign = []string{
	"node_modules", "site-packages", "dist-packages", "vendor", "gems", "bower_components", "testdata", "pkg/mod", "registry/src",
}

// secrets is S9, as far as names show it.
func (i *Image) secrets() contract.Verdict {
	var r report
	for n, l := range i.Layers {
		for _, f := range l.Files {
			if secret(f) {
				r.add("/%s is in %s", f.Name, i.layerName(n))
			}
		}
	}
	for _, kv := range i.Config.Env {
		if name, value, _ := strings.Cut(kv, "="); secretValue(name, value) {
			r.add("the value of variable %s can be read in the image", name)
		}
		r.login(kv, "an environment variable")
	}
	for _, l := range i.Layers {
		if m := arguments().FindStringSubmatch(l.By); m != nil {
			before, _, _ := strings.Cut(m[1], " /bin/")
			for word := range strings.FieldsSeq(before) {
				if name, value, ok := strings.Cut(word, "="); ok && secretValue(name, value) {
					r.add("the value of build argument %s can be read in the image's history", name)
				}
			}
		}
		r.login(l.By, "the image's history")
	}
	return r.judge(i.unread)
}

func secretValue(name, value string) bool {
	return value != "" && contract.IsSecretVariable(name) && !usual().MatchString(name)
}

func (r *report) login(text, where string) {
	if login().MatchString(text) {
		r.add("a URL with a password can be read in %s", where)
	}
}

// secret tells it by a file's name and place.
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
	return gcp || contract.IsSecretFile(base) || slices.Contains([]string{"app/.git/config", ".git/config"}, f.Name) ||
		strings.HasSuffix(f.Name, ".docker/config.json") || strings.HasSuffix(f.Name, ".aws/credentials")
}

// layerName tells a layer by its place and its step.
func (i *Image) layerName(n int) string {
	by := i.Layers[n].By
	by = strings.TrimSpace(strings.TrimSuffix(by, "# buildkit"))
	if m := arguments().FindString(by); m != "" {
		by = "RUN" // its arguments may be what must not be shown
	}
	if by = strings.Join(strings.Fields(by), " "); by == "" || login().MatchString(by) {
		return "layer " + number(n+1)
	}
	if len(by) > 80 {
		by = strings.ToValidUTF8(by[:80], "") + "…"
	}
	return "layer " + number(n+1) + " (" + by + ")"
}
