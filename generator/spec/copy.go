package spec

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
)

// copying is a COPY or an ADD.
type copying struct {
	step
	instructions.SourcesAndDest
	from         string
	chown, chmod string
	exclude      []string
	parents      bool
}

func (s step) copying() (copying, bool) {
	switch c := s.Command.(type) {
	case *instructions.CopyCommand:
		return copying{s, c.SourcesAndDest, c.From, c.Chown, c.Chmod, c.ExcludePatterns, c.Parents}, true
	case *instructions.AddCommand:
		return copying{s, c.SourcesAndDest, "", c.Chown, c.Chmod, c.ExcludePatterns, false}, true
	}
	return copying{}, false
}

// dest is the absolute path that is copied to.
func (c copying) dest() string { return under(c.dir, c.DestPath) }

// intoFolder tells whether the destination is a folder, as far as the instruction shows it.
func (c copying) intoFolder() bool {
	return strings.HasSuffix(c.DestPath, "/") || path.Base(c.DestPath) == "." ||
		len(c.SourcePaths)+len(c.SourceContents) > 1 || c.dest() == c.dir || c.dest() == "/app"
}

// lands gives where a file of the source, named from the source's root, comes to lie.
func (c copying) lands(name string) (string, bool) {
	if len(c.exclude) > 0 {
		if out, err := patternmatcher.MatchesOrParentMatches(name, c.exclude); err != nil || out {
			return "", false
		}
	}
	for _, source := range c.SourcePaths {
		if strings.Contains(source, "://") {
			continue
		}
		rest, ok := below(name, source)
		switch {
		case !ok:
		case c.parents:
			return path.Join(c.dest(), name), true
		case rest != "": // a folder gives what is in it
			return path.Join(c.dest(), rest), true
		case c.intoFolder():
			return path.Join(c.dest(), path.Base(name)), true
		default:
			return c.dest(), true
		}
	}
	return "", false
}

// below tells whether the file is the source, or lies in it and where. The source may have wildcards.
func below(name, source string) (rest string, ok bool) {
	source = strings.TrimPrefix(path.Clean("/"+source), "/")
	name = strings.TrimPrefix(name, "/")
	if source == "" {
		return name, true
	}
	depth := strings.Count(source, "/") + 1
	parts := strings.Split(name, "/")
	if len(parts) < depth {
		return "", false
	}
	matched, err := path.Match(source, strings.Join(parts[:depth], "/"))
	return strings.Join(parts[depth:], "/"), matched && err == nil
}

// place is where a file of the build context lies in an image, and the step that brought it there.
type place struct {
	path string
	by   copying
}

// maxPlaces bounds how often a Dockerfile can copy one file about.
const maxPlaces = 64

// places gives where a file of the build context lies at the end of a stage. It does not know what RUN does.
func (d *dockerfile) places(s *stage, name string) []place {
	return d.placesIn(s, name, map[*stage][]place{})
}

// placesIn follows one file of the build context, or none and what is known already.
func (d *dockerfile) placesIn(s *stage, name string, known map[*stage][]place) []place {
	if all, ok := known[s]; ok {
		return all
	}
	var all []place
	for _, st := range s.steps() {
		c, ok := st.copying()
		if !ok || c.from == "" && name == "" || len(all) > maxPlaces {
			continue
		}
		before := []place{{path: name}}
		if c.from != "" {
			from := d.stage(c.from)
			if from == nil || from.line >= s.line {
				continue
			}
			before = d.placesIn(from, name, known)
		}
		for _, p := range before {
			if to, ok := c.lands(p.path); ok {
				all = append(all, place{to, c})
			}
		}
	}
	known[s] = all
	return all
}

// fromStages names the stages, or images, that a step takes files from: by COPY --from or by a mount.
func (s step) fromStages() []string {
	if c, ok := s.copying(); ok && c.from != "" {
		return []string{c.from}
	}
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	var names []string
	for _, m := range instructions.GetMounts(run) {
		if m.From != "" {
			names = append(names, m.From)
		}
	}
	return names
}
