package pipeline

import (
	"path"
	"slices"
)

// Where CI configurations lie.
const (
	CircleFile  = "circle.yml"
	CircleShim  = ".circleci/config.yml"
	WorkflowDir = ".github/workflows"
)

// Circle adds the jobs of CircleCI: .circleci/config.yml, or the configuration that it continues with. It returns the
// jobs of the setup configuration, and reports whether it read everything.
func (p *Reader) Circle() (setup []Job, ok bool) {
	shim, main := p.load(CircleShim), p.load(CircleFile)
	file := CircleFile
	switch {
	case shim == nil && main == nil:
		return nil, false
	case shim == nil && main.get("version") == nil && len(p.in.Workflows()) > 0:
		return nil, false // of CircleCI 1.0, left behind
	case shim == nil && !slices.Contains(p.Files, CircleShim):
		p.Undecided = "CircleCI reads circle.yml only if the project's settings name it"
	case shim.get("setup").string() == "true":
		circleVersion(p, CircleShim, shim)
		setup = circleWorkflows(p, CircleShim, shim)
		if file = p.handsOver(shim); file == "" {
			return nil, false
		}
		if file != CircleFile {
			main = p.load(file)
		}
	case main != nil:
		p.Fail(CircleShim, shim.get("setup").at(), "it is not a setup configuration, so circle.yml is not read")
	default:
		file, main = CircleShim, shim
	}
	if main == nil {
		return nil, false
	}
	circleVersion(p, file, main)
	p.Jobs = append(p.Jobs, circleWorkflows(p, file, main)...)
	return setup, true
}

// newer are the keys that CircleCI knows from version 2.1 on.
var newer = []string{"setup", "orbs", "commands", "executors", "parameters"}

// circleVersion requires 2.1, or 2 if nothing newer is used.
func circleVersion(p *Reader, file string, config *value) {
	v := config.get("version")
	switch v.string() {
	case "2.1":
		return
	case "2", "2.0":
		for _, key := range newer {
			if used := config.get(key); used != nil {
				p.Fail(file, v.at(), "version is %q, but %s requires 2.1", v.string(), key)
				return
			}
		}
		expression := false
		walk(config.get("workflows"), func(key string, v *value) { expression = expression || key == "filters" && v.text != "" })
		if !expression {
			return
		}
		p.Fail(file, v.at(), "version is %q, but an expression as a filter requires 2.1", v.string())
	default:
		p.Fail(file, v.at(), "version is %q, want 2.1: CircleCI does not run older versions", v.string())
	}
}

// handsOver finds which file the setup configuration continues with.
func (p *Reader) handsOver(shim *value) string {
	var target *value
	walk(shim, func(key string, v *value) {
		if key == "configuration_path" {
			target = v
		}
	})
	switch {
	case target == nil:
		p.Fail(CircleShim, shim.get("setup").at(), "the continuation has no configuration_path")
	case !p.in.Has(path.Clean(target.text)):
		p.Fail(CircleShim, target.line, "it continues with %s, which does not exist", target.text)
	default:
		return path.Clean(target.text)
	}
	return ""
}

// stepsOfJob is the cost of a job in addition to its steps.
const stepsOfJob = 20

// use is a job's place in a workflow.
type use struct {
	job, name string
	line      int
	settings  *value
}

// circleWorkflows checks the dependencies of jobs and returns the jobs that run.
func circleWorkflows(p *Reader, file string, config *value) []Job {
	var jobs []Job
	workflows := config.get("workflows")
	if workflows == nil || len(workflows.keys) == 0 {
		p.Fail(file, 0, "there are no workflows")
		return nil
	}
	for _, name := range workflows.keys {
		w := workflows.get(name)
		if name == "version" {
			continue
		}
		var all []use
		if list := w.get("jobs"); list != nil {
			for _, entry := range list.list {
				p.Budget.Steps(stepsOfJob)
				all = append(all, newUse(entry))
			}
		}
		named := map[string]use{}
		for _, u := range slices.Backward(all) { // of those with one name, the first counts
			named[u.name] = u
		}
		for _, u := range all {
			circleRequires(p, file, u, named)
			if j, ok := circleJob(p, file, config, u); ok {
				jobs = append(jobs, j)
			}
		}
	}
	return jobs
}

func newUse(entry *value) use {
	if entry.text != "" {
		return use{job: entry.text, name: entry.text, line: entry.line}
	}
	u := use{line: entry.line}
	if len(entry.keys) == 1 {
		u.job = entry.keys[0]
		u.settings = entry.fields[u.job]
	}
	if u.name = u.settings.get("name").string(); u.name == "" {
		u.name = u.job
	}
	return u
}

// runs is the reach of a job.
func (p *Reader) runs(u use) reach { return p.passes(u.settings.get("filters")) }

// circleRequires requires that the jobs which a job requires exist and run whenever the job does.
func circleRequires(p *Reader, file string, u use, named map[string]use) {
	for _, required := range p.names(u.settings.get("requires")) {
		before, there := named[required]
		if !there {
			p.Fail(file, u.line, "job %s requires %s, which is not in the workflow", u.name, required)
			continue
		}
		if ref, ok := p.runs(u).without(p.runs(before)); ok {
			p.Fail(file, u.line, "job %s runs for %s, but %s, which it requires, does not", u.name, ref, required)
		}
	}
}

// names are those of a list whose items may be mappings, such as requires.
func (p *Reader) names(v *value) []string {
	if v == nil || v.text != "" {
		return v.strings()
	}
	var all []string
	for _, item := range v.list {
		p.Budget.Steps(1)
		if len(item.keys) > 0 {
			all = append(all, item.keys[0])
		} else {
			all = append(all, item.text)
		}
	}
	return all
}
