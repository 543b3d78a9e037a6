package dockerfile

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
)

// Copying is a COPY or an ADD.
type Copying struct {
	Step
	instructions.SourcesAndDest
	From         string
	Chown, Chmod string
	exclude      []string
	parents      bool
}

// Copying reports whether the step is a COPY or an ADD, and which.
func (s Step) Copying() (Copying, bool) {
	switch c := s.Command.(type) {
	case *instructions.CopyCommand:
		return Copying{s, c.SourcesAndDest, c.From, c.Chown, c.Chmod, c.ExcludePatterns, c.Parents}, true
	case *instructions.AddCommand:
		return Copying{s, c.SourcesAndDest, "", c.Chown, c.Chmod, c.ExcludePatterns, false}, true
	}
	return Copying{}, false
}

// Dest is the absolute path that is copied to.
func (c Copying) Dest() string { return Under(c.Dir, c.DestPath) }

// intoFolder reports whether the destination is a folder, as far as the instruction shows it.
func (c Copying) intoFolder() bool {
	return strings.HasSuffix(c.DestPath, "/") || path.Base(c.DestPath) == "." ||
		len(c.SourcePaths)+len(c.SourceContents) > 1 || c.Dest() == c.Dir || c.Dest() == "/app"
}

// lands returns where a file of the source, named from the source's root, ends up.
func (c Copying) lands(name string) (string, bool) {
	if c.excludes(name) {
		return "", false
	}
	rest, ok := c.Sources().Find(c.Budget(), name)
	switch {
	case !ok:
		return "", false
	case c.parents:
		return path.Join(c.Dest(), name), true
	case rest != "": // a folder is copied by its content
		return path.Join(c.Dest(), rest), true
	case c.intoFolder():
		return path.Join(c.Dest(), path.Base(name)), true
	}
	return c.Dest(), true
}

// excludes reports whether --exclude leaves a file out.
func (c Copying) excludes(name string) bool {
	if len(c.exclude) == 0 {
		return false
	}
	if c.memo.exclude == nil {
		m, err := newMatcher(c.Budget(), c.exclude)
		if err != nil {
			return true
		}
		c.memo.exclude = m
	}
	out, err := c.memo.exclude.match(c.Budget(), name)
	return err != nil || out
}

// PathSet holds the sources of a COPY, indexed by the paths without wildcards.
type PathSet struct {
	plain   map[string]int // with the place in the list
	longest int            // of them, in bytes
	wild    []wildSource
}

type wildSource struct {
	place   int
	pattern string
}

// Sources returns the sources of the copy, parsed once.
func (c Copying) Sources() *PathSet {
	if c.memo.files != nil {
		return c.memo.files
	}
	all := &PathSet{plain: map[string]int{}}
	for i, source := range c.SourcePaths {
		c.Budget().Steps(2 + len(source)/budget.BytesOfRunes)
		if strings.Contains(source, "://") {
			continue
		}
		clean := FromRoot(source)
		if _, ok := all.plain[clean]; strings.ContainsAny(clean, `*?[\`) {
			all.wild = append(all.wild, wildSource{i, clean})
		} else if !ok {
			c.Budget().Bytes(budget.BytesOfWord)
			all.plain[clean] = i
			all.longest = max(all.longest, len(clean))
		}
	}
	c.memo.files = all
	return all
}

// FromRoot is a path without the way to it, such as / or ./.
func FromRoot(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

// Find returns the destination of a file in the first source that is the file or contains it.
func (s *PathSet) Find(b *budget.Budget, name string) (rest string, ok bool) {
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
		b.Steps(1 + len(w.pattern)/budget.BytesOfRunes)
		if rest, matches := Below(name, w.pattern); matches {
			return rest, true
		}
	}
	return rest, ok
}

// Holds reports whether a path, or a folder that contains it, is among the sources. It ignores wildcards.
func (s *PathSet) Holds(name string) bool {
	for name = FromRoot(name); ; name = path.Dir(name) {
		if name == "." || name == "" {
			_, ok := s.plain[""]
			return ok
		}
		if _, ok := s.plain[name]; ok {
			return true
		}
	}
}

// Below reports whether the source is the file or contains it, and where. The source may have wildcards.
func Below(name, source string) (rest string, ok bool) {
	source = FromRoot(source)
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

// Place is the position of a file of the build context in an image, and the step that copied it there.
type Place struct {
	Path string
	By   Copying
}

// maxPlaces bounds how often a Dockerfile can copy one file about.
const maxPlaces = 64

// Places returns the positions of a file of the build context at the end of a stage. It ignores RUN.
func (d *File) Places(s *Stage, name string) []Place {
	return d.placesIn(s, name, map[*Stage][]Place{})
}

// placesIn follows one file of the build context, or none and what is known already.
func (d *File) placesIn(s *Stage, name string, known map[*Stage][]Place) []Place {
	if all, ok := known[s]; ok {
		return all
	}
	var all []Place
	if s.Parent != nil {
		all = slices.Clip(d.placesIn(s.Parent, name, known))
	}
	for _, st := range s.Own {
		d.Budget.Steps(1)
		c, ok := st.Copying()
		if !ok || c.From == "" && name == "" || len(all) > maxPlaces {
			continue
		}
		before := []Place{{Path: name}}
		if c.From != "" {
			from := d.Stage(c.From)
			if from == nil || from.Line >= s.Line {
				continue
			}
			before = d.placesIn(from, name, known)
		}
		for _, p := range before {
			d.Budget.Steps(2 + len(p.Path)/budget.BytesOfStep + len(c.DestPath)/budget.BytesOfStep)
			if to, ok := c.lands(p.Path); ok {
				d.Budget.Bytes(len(to))
				all = append(all, Place{to, c})
			}
		}
	}
	known[s] = all
	return all
}

// fromStages names the stages, or images, that a step takes files from: by COPY --from or by a mount.
func (s Step) fromStages() []string {
	if c, ok := s.Copying(); ok && c.From != "" {
		return []string{c.From}
	}
	var names []string
	for _, m := range s.Mounts() {
		if m.From != "" {
			names = append(names, m.From)
		}
	}
	return names
}

// Carries reports whether a folder of one stage ends up in another.
func Carries(d *File, to, from *Stage, folder string) bool {
	return len(d.placesIn(to, "", map[*Stage][]Place{from: {{Path: folder}}})) > 0
}
