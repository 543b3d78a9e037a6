package contract

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// appID is the number of both the user and the group.
const appID = 10001

// accountLine is a line of /etc/passwd or /etc/group.
type accountLine struct {
	name     string
	uid, gid int
	members  []string
}

// lines reads /etc/passwd or /etc/group. A missing file has no lines.
func (i *Image) lines(file string) (accounts []accountLine, unclear string) {
	f, link := i.File("etc/" + file)
	switch {
	case link != "":
		return nil, "/etc/" + file + " is a link to " + link
	case i.Files["etc"] != nil && !i.Files["etc"].Dir():
		return nil, "/etc is no folder"
	case f == nil:
		return nil, i.Unread
	}
	for line := range strings.Lines(string(f.Content)) {
		part := strings.Split(strings.TrimSpace(line), ":")
		if len(part) < 4 {
			continue
		}
		number, err := strconv.Atoi(part[2])
		if err != nil {
			continue
		}
		a := accountLine{name: part[0], uid: number, gid: number, members: strings.Split(part[3], ",")}
		if file == "passwd" {
			if a.gid, err = strconv.Atoi(part[3]); err != nil {
				continue
			}
		}
		accounts = append(accounts, a)
	}
	return accounts, i.Unread
}

func findAccount(accounts []accountLine, name string) *accountLine {
	if n := slices.IndexFunc(accounts, func(a accountLine) bool { return a.name == name }); n >= 0 {
		return &accounts[n]
	}
	return nil
}

// OneLine formats a command's output for a one-line message.
func OneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return text[max(0, len(text)-500):]
}

// mostFaults limits the findings of a rule: a folder with the wrong owner can contain thousands of files.
const mostFaults = 10

// Faults collects findings.
type Faults []string

// Add adds a finding.
func (r *Faults) Add(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

// judge fails if there are findings. Otherwise it passes, unless something could not be decided.
func (r Faults) judge(undecided string) Verdict {
	if len(r) == 0 {
		if undecided != "" {
			return unknown(undecided)
		}
		return Verdict{Status: Pass}
	}
	v := Verdict{Status: Fail}
	seen := map[string]bool{}
	for _, text := range r {
		if !seen[text] && len(v.Findings) < mostFaults {
			v.Findings = append(v.Findings, Finding{Text: text})
		}
		seen[text] = true
	}
	if more := len(seen) - len(v.Findings); more > 0 {
		v.Findings = append(v.Findings, Finding{Text: fmt.Sprintf("and %d more", more)})
	}
	return v
}

// Layer is the result of one build step.
type Layer struct {
	DiffID string
	By     string // the step, as the image's history describes it
	Size   int64  // as it is saved
	Files  []File

	Unread string
}

// File is one file of a layer, as its archive has it.
type File struct {
	Name     string // without a slash at its beginning or end
	UID, GID int
	Mode     os.FileMode
	Size     int64
	Link     string // where a link leads
	Content  []byte // of the few whose content rules ask for
	Marked   bool   // it holds the mark
}

// Dir reports whether f is a folder.
func (f File) Dir() bool { return f.Mode.IsDir() }

// Wanted are the files whose content rules ask for.
func Wanted(name string) bool {
	return name == "etc/passwd" || name == "etc/group" || path.Base(name) == VersionName
}

// VersionName is the file that L2 and S5 are about.
const VersionName = "version.json"

// MaxContent bounds a file whose content is kept.
const MaxContent = 1 << 20

// Merge combines the layers for the files that rules need.
func (i *Image) Merge() {
	i.Files = map[string]*File{}
	for n := range i.Layers {
		files := i.Layers[n].Files
		for _, f := range files { // a layer never removes its own files
			dir, base := path.Split(f.Name)
			dir = strings.TrimSuffix(dir, "/")
			switch name, gone := strings.CutPrefix(base, ".wh."); {
			case base == ".wh..wh..opq":
				i.remove(dir, false)
			case gone:
				i.remove(path.Join(dir, name), true)
			}
		}
		for k := range files {
			f := &files[k]
			if !kept(f.Name) {
				continue
			}
			if old := i.Files[f.Name]; old != nil && old.Dir() && !f.Dir() {
				i.remove(f.Name, true)
			}
			i.Files[f.Name] = f
		}
	}
}

// kept are the files that can be looked up.
func kept(name string) bool {
	return within(name, "app") && !strings.HasPrefix(path.Base(name), ".wh.") || name == "etc" || Wanted(name)
}

func (i *Image) remove(name string, itself bool) {
	f := i.Files[name]
	if itself {
		delete(i.Files, name)
	}
	if f != nil && !f.Dir() {
		return
	}
	for other := range i.Files {
		if other != name && within(other, name) {
			delete(i.Files, other)
		}
	}
}

// within reports whether a path is the folder or is in it. The folder "" contains all paths.
func within(name, folder string) bool {
	return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
}

// File finds a file of the image by its name without a slash at its beginning. It follows links to files that are kept
// in view; others are the second result.
func (i *Image) File(name string) (f *File, link string) {
	for range 8 {
		f := i.Files[name]
		switch {
		case f == nil:
			return nil, ""
		case f.Mode&os.ModeSymlink != 0 && strings.HasPrefix(f.Link, "/"):
			name = strings.Trim(path.Clean(f.Link), "/")
		case f.Mode&os.ModeSymlink != 0:
			name = strings.Trim(path.Clean("/"+path.Join(path.Dir(name), f.Link)), "/")
		case f.Link != "": // a hard link
			name = strings.Trim(path.Clean("/"+f.Link), "/")
		default:
			return f, ""
		}
		if i.Files[name] == nil {
			return nil, f.Link
		}
	}
	return nil, name
}

// under returns the names below a folder, sorted.
func (i *Image) under(folder string) []string {
	var names []string
	for name := range i.Files {
		if name != folder && within(name, folder) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Image is an image's configuration and the names of all files in its layers.
type Image struct {
	Config ImageConfig
	Layers []Layer
	Raw    []byte // the configuration as it is saved

	Files  map[string]*File // the combined layers, for the files that rules need
	Unread string           // why a layer could not be read
}

// ImageConfig is the part of an image's configuration that rules ask for.
type ImageConfig struct {
	User, WorkingDir, StopSignal string
	Env, Entrypoint, Cmd         []string
	ExposedPorts                 map[string]struct{}
	Healthcheck                  struct{ Test []string }
}

// arguments matches those that BuildKit puts before a RUN in the history, with their values.
var arguments = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^RUN \|\d+ (.*)$`) })

// layerName describes a layer by its position and step.
func (i *Image) layerName(n int) string {
	by := i.Layers[n].By
	by = strings.TrimSpace(strings.TrimSuffix(by, "# buildkit"))
	if m := arguments().FindString(by); m != "" {
		by = "RUN" // its arguments may be what must not be shown
	}
	if by = strings.Join(strings.Fields(by), " "); by == "" || passwordURL().MatchString(by) {
		return "layer " + strconv.Itoa(n+1)
	}
	if len(by) > 80 {
		by = strings.ToValidUTF8(by[:80], "") + "…"
	}
	return "layer " + strconv.Itoa(n+1) + " (" + by + ")"
}

// Unclear returns why /app cannot be inspected, or "".
func (i *Image) Unclear() string {
	if f := i.Files["app"]; f != nil && !f.Dir() {
		return "/app is no folder, but leads to " + f.Link
	}
	return i.Unread
}

// Variable returns the value of an environment variable.
func (c ImageConfig) Variable(name string) (value string, ok bool) {
	for _, kv := range c.Env {
		if n, v, _ := strings.Cut(kv, "="); n == name {
			value, ok = v, true
		}
	}
	return value, ok
}

// Numbers replaces the names of two users and two groups by their ids, if the image has them.
func (i *Image) Numbers(names []string) []string {
	users, _ := i.lines("passwd")
	groups, _ := i.lines("group")
	var ids []string
	for n, name := range names {
		from := users
		if n >= 2 {
			from = groups
		}
		if a := findAccount(from, name); a != nil {
			name = strconv.Itoa(a.uid)
		}
		ids = append(ids, name)
	}
	return ids
}
