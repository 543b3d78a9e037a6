package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
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
	if c.excludes(name) {
		return "", false
	}
	rest, ok := c.sources().find(c.budget(), name)
	switch {
	case !ok:
		return "", false
	case c.parents:
		return path.Join(c.dest(), name), true
	case rest != "": // a folder gives what is in it
		return path.Join(c.dest(), rest), true
	case c.intoFolder():
		return path.Join(c.dest(), path.Base(name)), true
	}
	return c.dest(), true
}

// excludes reports whether --exclude leaves a file out.
func (c copying) excludes(name string) bool {
	if len(c.exclude) == 0 {
		return false
	}
	if c.memo.exclude == nil {
		m, err := newMatcher(c.budget(), c.exclude)
		if err != nil {
			return true
		}
		c.memo.exclude = m
	}
	out, err := c.memo.exclude.match(c.budget(), name)
	return err != nil || out
}

// sources are what a COPY takes, by the paths that have no wildcards in them.
type sources struct {
	plain   map[string]int // with the place in the list
	longest int            // of them, in bytes
	wild    []wildSource
}

type wildSource struct {
	place   int
	pattern string
}

func (c copying) sources() *sources {
	if c.memo.files != nil {
		return c.memo.files
	}
	all := &sources{plain: map[string]int{}}
	for i, source := range c.SourcePaths {
		c.budget().Steps(2 + len(source)/bytesOfRunes)
		if strings.Contains(source, "://") {
			continue
		}
		clean := fromRoot(source)
		if _, ok := all.plain[clean]; strings.ContainsAny(clean, `*?[\`) {
			all.wild = append(all.wild, wildSource{i, clean})
		} else if !ok {
			c.budget().Bytes(bytesOfWord)
			all.plain[clean] = i
			all.longest = max(all.longest, len(clean))
		}
	}
	c.memo.files = all
	return all
}

// fromRoot is a path without the way to it, such as / or ./.
func fromRoot(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

// find gives where a file lies in the first source that is the file or has it in it.
func (s *sources) find(b *budget.Budget, name string) (rest string, ok bool) {
	name = strings.TrimPrefix(name, "/")
	first := 0
	if i, all := s.plain[""]; all {
		first, rest, ok = i, name, true
	}
	for end := 0; end < len(name); {
		b.Steps(1)
		if next := strings.IndexByte(name[end:], '/'); next < 0 {
			end = len(name)
		} else {
			end += next
		}
		if i, is := s.plain[name[:end]]; is && (!ok || i < first) {
			first, rest, ok = i, strings.TrimPrefix(name[end:], "/"), true
		}
		if end++; end > s.longest {
			break
		}
	}
	for _, w := range s.wild {
		if ok && w.place > first {
			break
		}
		b.Steps(1 + len(w.pattern)/bytesOfRunes)
		if rest, matches := below(name, w.pattern); matches {
			return rest, true
		}
	}
	return rest, ok
}

// holds reports whether a path, or a folder that it lies in, is among the sources. It knows no wildcards.
func (s *sources) holds(name string) bool {
	for name = fromRoot(name); ; name = path.Dir(name) {
		if name == "." || name == "" {
			_, ok := s.plain[""]
			return ok
		}
		if _, ok := s.plain[name]; ok {
			return true
		}
	}
}

// below tells whether the file is the source, or lies in it and where. The source may have wildcards.
func below(name, source string) (rest string, ok bool) {
	source = fromRoot(source)
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
	if s.parent != nil {
		all = slices.Clip(d.placesIn(s.parent, name, known))
	}
	for _, st := range s.own {
		d.budget.Steps(1)
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
			d.budget.Steps(2 + len(p.path)/bytesOfStep + len(c.DestPath)/bytesOfStep)
			if to, ok := c.lands(p.path); ok {
				d.budget.Bytes(len(to))
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
	var names []string
	for _, m := range s.mounts() {
		if m.From != "" {
			names = append(names, m.From)
		}
	}
	return names
}
