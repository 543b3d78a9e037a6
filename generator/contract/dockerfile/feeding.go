package dockerfile

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
)

// Origins are the images that a stage copies from, directly or through others.
func (d *File) Origins(s *Stage) []string {
	var images []string
	for _, from := range append(d.Sources(s), s) {
		if from != s {
			images = append(images, from.Root())
		}
		for st := range from.Steps() {
			if c, ok := st.Copying(); ok && c.From != "" && d.Stage(c.From) == nil {
				images = append(images, c.From)
			}
		}
	}
	return images
}

// Sources are the stages that a stage copies from, directly or through others.
func (d *File) Sources(s *Stage) []*Stage {
	d.Budget.Steps(1)
	if known, ok := d.feeding[s]; ok {
		return slices.Clip(known)
	}
	wanted := []*Stage{s}
	seen, looked := map[*Stage]bool{s: true}, map[*Stage]bool{}
	for i := 0; i < len(wanted); i++ {
		for _, below := range d.Lineage(wanted[i:i+1], looked) {
			for _, st := range below.Own {
				for _, name := range st.fromStages() {
					if from := d.Stage(name); from != nil && !seen[from] {
						seen[from] = true
						wanted = append(wanted, from)
					}
				}
			}
		}
	}
	d.feeding[s] = wanted[1:]
	return slices.Clip(wanted[1:])
}

// Lineage is stages and all that they are based on, those below first, each once and without what was seen before.
func (d *File) Lineage(stages []*Stage, seen map[*Stage]bool) []*Stage {
	var all []*Stage
	var add func(s *Stage)
	add = func(s *Stage) {
		if s == nil || seen[s] {
			return
		}
		d.Budget.Steps(1 + len(s.Own))
		seen[s] = true
		add(s.Parent)
		all = append(all, s)
	}
	for _, s := range stages {
		add(s)
	}
	return all
}

// Says reports whether a RUN of the stage, or of one that it copies from, has a word in it.
func (d *File) Says(s *Stage, text string) bool {
	for _, from := range d.Lineage(append(d.Sources(s), s), map[*Stage]bool{}) {
		asked := mention{from, text}
		yes, ok := d.mentions[asked]
		if !ok {
			yes = slices.ContainsFunc(from.Own, func(st Step) bool {
				run, ok := st.Command.(*instructions.RunCommand)
				if !ok {
					return false
				}
				said := run.String()
				d.Budget.Steps(1 + len(said)/budget.BytesOfStep)
				return strings.Contains(said, text)
			})
			d.mentions[asked] = yes
		}
		if yes {
			return true
		}
	}
	return false
}
