package pipeline

import (
	"slices"
	"strings"
)

// circleJob returns a job that a workflow runs, if its steps are in the configuration.
func circleJob(p *Reader, file string, config *value, u use) (Job, bool) {
	if u.settings.get("type").string() == "approval" {
		return Job{}, false
	}
	j := Job{Path: file, Name: u.name, Line: u.line}
	r := p.runs(u)
	j.Every, j.Forks, j.Tags = r.may(anyBranch), r.may(ofAFork), r.forTags()
	if orb, _, ok := strings.Cut(u.job, "/"); ok {
		j.Opaque = true
		if config.get("orbs", orb) == nil {
			p.Fail(file, u.line, "job %s: there is no orb %s", u.job, orb)
		}
		return j, true
	}
	defined := config.get("jobs", u.job)
	if defined == nil {
		p.Fail(file, u.line, "job %s is not defined", u.job)
		return Job{}, false
	}
	for _, name := range p.addSteps(&j, config, defined.get("steps"), 0) {
		p.Fail(file, name.line, "job %s: there is no step %s", u.name, name.text)
	}
	return j, true
}

// builtIn lists CircleCI's own steps, except those that run commands.
var builtIn = []string{
	"add_ssh_keys", "attach_workspace", "checkout", "deploy", "persist_to_workspace", "restore_cache", "save_cache",
	"setup_remote_docker", "store_artifacts", "store_test_results",
}

// maxSteps bounds what commands that use each other can come to.
const maxSteps = 10_000

// addSteps adds steps to a job, including those of the configuration's own commands and of conditions. It returns
// unknown steps.
func (p *Reader) addSteps(j *Job, config, steps *value, depth int) (unknown []value) {
	if steps == nil || depth > maxDepth {
		return nil
	}
	for _, s := range steps.list {
		p.Budget.Steps(1)
		if j.size++; j.size > maxSteps {
			return nil
		}
		kind, settings := s.text, (*value)(nil)
		if len(s.keys) == 1 {
			kind, settings = s.keys[0], s.fields[s.keys[0]]
		}
		switch {
		case kind == "run":
			text := settings
			if c := settings.get("command"); c != nil {
				text = c
			}
			if text != nil {
				j.Steps = append(j.Steps, p.step(text))
			}
		case kind == "when" || kind == "unless":
			unknown = append(unknown, p.addSteps(j, config, settings.get("steps"), depth+1)...)
		case config.get("commands", kind) != nil:
			unknown = append(unknown, p.addSteps(j, config, config.get("commands", kind, "steps"), depth+1)...)
		case strings.Contains(kind, "/"), strings.Contains(kind, "<<"):
			j.Opaque = true
		case !slices.Contains(builtIn, kind):
			unknown = append(unknown, value{line: s.line, text: kind})
		}
	}
	return unknown
}

// walk visits every value of a mapping, with its key.
func walk(v *value, visit func(key string, v *value)) {
	seen := map[*value]bool{}
	var down func(v *value)
	down = func(v *value) {
		if v == nil || seen[v] {
			return
		}
		seen[v] = true
		for _, k := range v.keys {
			visit(k, v.fields[k])
			down(v.fields[k])
		}
		for _, item := range v.list {
			down(item)
		}
	}
	down(v)
}
