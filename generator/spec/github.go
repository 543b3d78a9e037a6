package spec

import (
	"slices"
	"strings"
)

// github adds the workflows of GitHub Actions.
func (r *repo) github(p *pipeline) {
	for _, file := range r.workflows() {
		w := r.load(p, file)
		if w == nil {
			continue
		}
		jobs := w.get("jobs")
		if jobs == nil || len(jobs.keys) == 0 {
			p.fail(file, jobs.at(), "there are no jobs")
			continue
		}
		on := events(w.get("on"))
		for _, name := range jobs.keys {
			defined := jobs.fields[name]
			for _, needed := range defined.get("needs").strings() {
				if jobs.get(needed) == nil {
					p.fail(file, defined.get("needs").at(), "job %s needs %s, which does not exist", name, needed)
				}
			}
			p.jobs = append(p.jobs, githubJob(file, name, defined, on))
		}
		if slices.Contains(on, "pull_request_target") && checksOutFork(w) {
			p.fail(file, w.get("on").at(), "pull_request_target gives the secrets to what it checks out")
		}
	}
}

// events are what starts a workflow. A push that is limited to branches is "push to", one for tags alone is "tags".
func events(on *value) []string {
	if on == nil {
		return nil
	}
	all := append(on.strings(), on.keys...)
	if push := on.get("push"); push != nil {
		i := slices.Index(all, "push")
		if push.get("branches") != nil || push.get("branches-ignore") != nil {
			all[i] = "push to"
		} else if push.get("tags") != nil {
			all[i] = "tags"
		}
	}
	return all
}

func githubJob(file, name string, defined *value, on []string) job {
	condition := defined.get("if").string()
	limited := strings.Contains(condition, "github.ref") || strings.Contains(condition, "github.event")
	j := job{
		path: file, name: name, line: defined.line,
		every:  !limited && (slices.Contains(on, "push") || slices.Contains(on, "pull_request")),
		forks:  condition == "" && slices.Contains(on, "pull_request"),
		opaque: defined.get("uses") != nil,
	}
	steps := defined.get("steps")
	if steps == nil {
		return j
	}
	for _, s := range steps.list {
		step := ciStep{line: s.line, guarded: s.get("if") != nil}
		if run := s.get("run"); run != nil {
			step.line, step.script = run.line, run.text
		}
		if uses := s.get("uses"); uses != nil {
			step.acts = actionUses(uses, s.get("with"))
			j.opaque = j.opaque || strings.HasPrefix(uses.text, "./")
		}
		j.steps = append(j.steps, step)
	}
	return j
}

// actionUses gives what Docker's own actions do, as docker's commands.
func actionUses(uses, with *value) []act {
	name, _, _ := strings.Cut(uses.text, "@")
	switch name {
	case "docker/build-push-action", "docker/bake-action":
		words := []string{"docker", "build"}
		for _, line := range strings.FieldsFunc(with.get("tags").string(), func(r rune) bool { return r == '\n' || r == ',' }) {
			words = append(words, "--tag", strings.TrimSpace(line))
		}
		if push := with.get("push").string(); push != "" && push != "false" {
			words = append(words, "--push")
		}
		return []act{{"build", words, uses.line}}
	case "docker/login-action":
		if token := with.get("password").string(); strings.Contains(token, "GITHUB_TOKEN") || strings.Contains(token, "github.token") {
			return nil // which forks have too
		}
		return []act{{"login", []string{"docker", "login", "--password-stdin"}, uses.line}}
	}
	return nil
}

// checksOutFork tells whether a step checks out the head of a pull request.
func checksOutFork(workflow *value) bool {
	found := false
	walk(workflow, func(key string, v *value) {
		found = found || key == "ref" && strings.Contains(v.text, "github.event.pull_request.head")
	})
	return found
}
