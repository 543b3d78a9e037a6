package cmd

import (
	"context"
	"maps"
	"path/filepath"
	"strings"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/git"
	"dockerflow/generator/template"
)

// ask shows prompts for missing answers and adds them. show returns the preview for the last question; ask returns the
// action that the user chose there.
func (s *answerSet) ask(ctx context.Context, show func(*answerSet) (*prompt.Preview, error)) (action string, err error) {
	s.asked = true
	t := prompt.Terminal{Kind: s.env.Prompts, In: s.env.In, Out: s.env.Err, Run: s.env.form}
	given, action, err := t.Ask(ctx, prompt.Questions{
		Templates: s.templates,
		Given:     s.given,
		Preview:   func(given map[string]string) (*prompt.Preview, error) { return show(s.with(given)) },
	})
	if err != nil {
		return "", err
	}
	maps.Copy(s.given, given)
	return action, nil
}

// learn finds defaults on this machine: the owner from git's remote or github.user, read in gitDir, and the service's
// name from dir. They are for prompts only, where the user sees them: --yes must give the same result on all machines.
func (s *answerSet) learn(ctx context.Context, dir, gitDir string) map[string]string {
	found := map[string]string{"name": "hello"}
	if name := folderName(dir); name != "" {
		found["name"] = name
	}
	if s.env.Git == nil {
		return found
	}
	out, err := s.env.Git(ctx, git.Command{Dir: gitDir, Args: []string{"config", "--get-regexp", `^(remote\.origin\.url|github\.user)$`}})
	if err != nil {
		return found
	}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if owner := remoteOwner(value); key == "remote.origin.url" && owner != "" {
			found["owner"] = owner
		}
		if key == "github.user" && found["owner"] == "" {
			found["owner"] = value
		}
	}
	if template.Refused(s.templates, "owner", found["owner"]) != nil {
		delete(found, "owner")
	}
	return found
}

// folderName returns a service name from the absolute path of dir, or "".
func folderName(dir string) string {
	abs, err := filepath.Abs(dir)
	if dir == "" || err != nil {
		return ""
	}
	return template.Slug(filepath.Base(abs))
}

// remoteOwner returns acme for https://github.com/acme/hello.git and git@github.com:acme/hello.git.
func remoteOwner(url string) string {
	_, path, ok := strings.Cut(url, "github.com")
	if !ok {
		return ""
	}
	owner, _, _ := strings.Cut(strings.TrimLeft(path, ":/"), "/")
	return owner
}
