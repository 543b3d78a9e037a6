package pipeline

import (
	"slices"
	"strings"

	"dockerflow/generator/budget"
)

// GitHub adds the workflows of GitHub Actions.
func (p *Reader) GitHub() {
	for _, file := range p.in.Workflows() {
		w := p.load(file)
		if w == nil {
			continue
		}
		jobs := w.get("jobs")
		if jobs == nil || len(jobs.keys) == 0 {
			p.Fail(file, jobs.at(), "there are no jobs")
			continue
		}
		on := events(w.get("on"))
		forks := slices.Contains(on, "pull_request")
		every := forks || slices.Contains(on, "push")
		for _, name := range jobs.keys {
			defined := jobs.fields[name]
			for _, needed := range p.strings(defined.get("needs")) {
				if jobs.get(needed) == nil {
					p.Fail(file, defined.get("needs").at(), "job %s needs %s, which does not exist", name, needed)
				}
			}
			p.Jobs = append(p.Jobs, p.githubJob(Job{Path: file, Name: name, Every: every, Forks: forks}, defined))
		}
		if slices.Contains(on, "pull_request_target") && checksOutFork(w) {
			p.Fail(file, w.get("on").at(), "pull_request_target exposes secrets to the code that it checks out")
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

// githubJob completes a job, which runs whenever its workflow does.
func (p *Reader) githubJob(j Job, defined *value) Job {
	condition := defined.get("if").string()
	p.Budget.Steps(stepsOfJob + len(condition)/budget.BytesOfStep)
	j.Line = defined.line
	j.Every = j.Every && !strings.Contains(condition, "github.ref") && !strings.Contains(condition, "github.event")
	j.Forks = j.Forks && condition == ""
	j.Opaque = defined.get("uses") != nil
	steps := defined.get("steps")
	if steps == nil {
		return j
	}
	for _, s := range steps.list {
		p.Budget.Steps(1)
		var step Step
		if run := s.get("run"); run != nil {
			step = p.step(run)
		}
		step.Guarded = s.get("if") != nil
		if uses := s.get("uses"); uses != nil {
			step.Acts = slices.Concat(p.actionUses(uses, s.get("with")), step.Acts)
			j.Opaque = j.Opaque || strings.HasPrefix(uses.text, "./")
		}
		j.Steps = append(j.Steps, step)
	}
	return j
}

// actionUses translates Docker's own actions into docker commands.
func (p *Reader) actionUses(uses, with *value) []Act {
	name, _, _ := strings.Cut(uses.text, "@")
	switch name {
	case "docker/build-push-action", "docker/bake-action":
		words := []string{"docker", "build"}
		tags := with.get("tags").string()
		p.Budget.Steps(len(tags))
		for _, line := range strings.FieldsFunc(tags, func(r rune) bool { return r == '\n' || r == ',' }) {
			words = append(words, "--tag", strings.TrimSpace(line))
		}
		if push := with.get("push").string(); push != "" && push != "false" {
			words = append(words, "--push")
		}
		return []Act{{"build", words, uses.line}}
	case "docker/login-action":
		if token := with.get("password").string(); strings.Contains(token, "GITHUB_TOKEN") || strings.Contains(token, "github.token") {
			return nil // which forks have too
		}
		return []Act{{"login", []string{"docker", "login", "--password-stdin"}, uses.line}}
	}
	return nil
}

// checksOutFork reports whether a step checks out the head of a pull request.
func checksOutFork(workflow *value) bool {
	found := false
	walk(workflow, func(key string, v *value) {
		found = found || key == "ref" && strings.Contains(v.text, "github.event.pull_request.head")
	})
	return found
}
