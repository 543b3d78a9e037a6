package contract

import (
	"path"
	"slices"

	"dockerflow/generator/lazyregexp"
)

// circle adds what CircleCI runs: .circleci/config.yml, or what that hands over to.
func (r *repo) circle(p *pipeline) {
	shim, main := r.load(p, circleShim), r.load(p, circleFile)
	file := circleFile
	var setup []job
	switch {
	case shim == nil && main == nil:
		return
	case shim == nil && main.get("version") == nil && len(r.workflows()) > 0:
		return // of CircleCI 1.0, left behind
	case shim == nil && !slices.Contains(p.files, circleShim):
		p.undecided = "CircleCI reads circle.yml only where the project's settings say so"
	case shim.get("setup").string() == "true":
		circleVersion(p, circleShim, shim)
		setup = circleWorkflows(p, circleShim, shim)
		if file = r.handsOver(p, shim); file == "" {
			return
		}
		if file != circleFile {
			main = r.load(p, file)
		}
	case main != nil:
		p.fail(circleShim, shim.get("setup").at(), "it is no setup configuration, so circle.yml is not read")
	default:
		file, main = circleShim, shim
	}
	if main == nil {
		return
	}
	circleVersion(p, file, main)
	p.jobs = append(p.jobs, circleWorkflows(p, file, main)...)
	p.judgeTags(setup)
	r.badge(p)
}

// newer are the keys that CircleCI knows from version 2.1 on.
var newer = []string{"setup", "orbs", "commands", "executors", "parameters"}

// circleVersion wants 2.1, or 2 where nothing newer is used.
func circleVersion(p *pipeline, file string, config *value) {
	v := config.get("version")
	switch v.string() {
	case "2.1":
		return
	case "2", "2.0":
		for _, key := range newer {
			if used := config.get(key); used != nil {
				p.fail(file, v.at(), "version is %q, but %s wants 2.1", v.string(), key)
				return
			}
		}
		expression := false
		walk(config.get("workflows"), func(key string, v *value) { expression = expression || key == "filters" && v.text != "" })
		if !expression {
			return
		}
		p.fail(file, v.at(), "version is %q, but an expression as filter wants 2.1", v.string())
	default:
		p.fail(file, v.at(), "version is %q, want 2.1: CircleCI does not run what is older", v.string())
	}
}

// handsOver finds which file the setup configuration continues with.
func (r *repo) handsOver(p *pipeline, shim *value) string {
	var target *value
	walk(shim, func(key string, v *value) {
		if key == "configuration_path" {
			target = v
		}
	})
	switch {
	case target == nil:
		p.fail(circleShim, shim.get("setup").at(), "it continues with no configuration_path")
	case !r.has(path.Clean(target.text)):
		p.fail(circleShim, target.line, "it continues with %s, which is not there", target.text)
	default:
		return path.Clean(target.text)
	}
	return ""
}

var badges = lazyregexp.New(`circleci\.com/[^\s)"]*svg|shields\.io/circleci`)

// badge wants CircleCI's badge in the README.
func (r *repo) badge(p *pipeline) {
	for _, name := range []string{"README.md", "README", "README.rst", "readme.md"} {
		data, err := r.read(name)
		if err != nil {
			continue
		}
		if !badges().Match(data) {
			p.fail(name, 1, "there is no CircleCI badge")
		}
		return
	}
}

// stepsOfJob is what a job counts, beside its steps.
const stepsOfJob = 20

// use is a job's place in a workflow.
type use struct {
	job, name string
	line      int
	settings  *value
}

// circleWorkflows checks how jobs hang together, and gives those that run.
func circleWorkflows(p *pipeline, file string, config *value) []job {
	var jobs []job
	workflows := config.get("workflows")
	if workflows == nil || len(workflows.keys) == 0 {
		p.fail(file, 0, "there are no workflows")
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
				p.budget.Steps(stepsOfJob)
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

// runs is what a job runs for.
func (p *pipeline) runs(u use) reach { return p.passes(u.settings.get("filters")) }

// judgeTags wants that the way to Docker Hub is open for tags wherever a part of it is.
func (p *pipeline) judgeTags(setup []job) {
	var some, pushes, pushed *job
	for i, j := range p.jobs {
		if j.tags {
			some = &p.jobs[i]
		}
		for _, a := range p.acts(j) {
			if a.verb == "push" {
				if pushes = &p.jobs[i]; j.tags {
					pushed = pushes
				}
			}
		}
	}
	for _, j := range setup {
		if some != nil && !j.tags {
			p.fail(j.path, j.line, "job %s does not run for tags, and without it %s does not", j.name, some.name)
		}
	}
	if some != nil && pushes != nil && pushed == nil {
		p.fail(pushes.path, pushes.line, "job %s does not run for tags, though %s does", pushes.name, some.name)
	}
}

// circleRequires wants that what a job requires is there, and runs whenever the job does.
func circleRequires(p *pipeline, file string, u use, named map[string]use) {
	for _, required := range p.names(u.settings.get("requires")) {
		before, there := named[required]
		if !there {
			p.fail(file, u.line, "job %s requires %s, which is not in the workflow", u.name, required)
			continue
		}
		if ref, ok := p.runs(u).without(p.runs(before)); ok {
			p.fail(file, u.line, "job %s runs for %s, but %s, which it requires, does not", u.name, ref, required)
		}
	}
}

// names are those of a list whose items may be mappings, such as requires.
func (p *pipeline) names(v *value) []string {
	if v == nil || v.text != "" {
		return v.strings()
	}
	var all []string
	for _, item := range v.list {
		p.budget.Steps(1)
		if len(item.keys) > 0 {
			all = append(all, item.keys[0])
		} else {
			all = append(all, item.text)
		}
	}
	return all
}
