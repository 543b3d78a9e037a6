package cmd

import (
	"path"
	"path/filepath"
	"strings"

	"dockerflow/generator/contract"
)

// checked is what came of a run, as every format shows it.
type checked struct {
	dir, url, log, image string // what was checked; "" for what was not

	strict   bool
	results  []contract.Result
	judged   []contract.Judgement
	ignored  map[string]string // by rule
	notes    []string          // what the project's own configuration should know
	baseline string            // its file, as typed
	known    contract.Baseline // what it holds
	gone     contract.Baseline // and nobody finds any more

	mends   []contract.Mend
	changes []fileChange
	mended  bool // the changes are written
	fixable int  // how many things --fix could mend
}

// fileChange is a file that was mended.
type fileChange struct {
	path     string
	old, now []byte // old is nil for a new file
}

// The states of a rule in a report: its status, or why that does not count.
const (
	passes       = "pass"
	fails        = "fail"
	known        = "known"
	ignored      = "ignored"
	notCheckable = "not checkable"
)

func state(j contract.Judgement) string {
	switch {
	case j.Status == contract.NotCheckable:
		return notCheckable
	case j.Status == contract.Pass:
		return passes
	case j.Ignored != "":
		return ignored
	case !j.Fails():
		return known
	}
	return fails
}

// counts: must and should are the rules that fail; counting is how many of them make the run fail.
type counts struct {
	must, should, counting, pass, known, ignored, notCheckable int
	knownFindings                                              int
}

func (c *checked) count() counts {
	var n counts
	for _, j := range c.judged {
		n.knownFindings += len(j.Known)
		switch state(j) {
		case passes:
			n.pass++
		case known:
			n.known++
		case ignored:
			n.ignored++
		case notCheckable:
			n.notCheckable++
		default:
			if j.Level == contract.Must {
				n.must++
			} else {
				n.should++
			}
			if c.counts(j) {
				n.counting++
			}
		}
	}
	return n
}

// counts tells whether the rule makes the run fail.
func (c *checked) counts(j contract.Judgement) bool {
	return state(j) == fails && (j.Level == contract.Must || c.strict)
}

// in gives the judgements of a state.
func (c *checked) in(wanted string) (all []contract.Judgement) {
	for _, j := range c.judged {
		if state(j) == wanted {
			all = append(all, j)
		}
	}
	return all
}

// place is a finding's file as seen from the folder that the command runs in.
func (c *checked) place(f contract.Finding) string {
	if f.Path == "" {
		if f.Line > 0 && c.log != "-" {
			return c.log // a line of that
		}
		return ""
	}
	if filepath.IsAbs(c.dir) {
		return filepath.Join(c.dir, filepath.FromSlash(f.Path))
	}
	return path.Join(filepath.ToSlash(c.dir), f.Path)
}

// subject is what a finding without a file is about.
func (c *checked) subject(rule string) string {
	if rule == "L8" && c.log == "-" {
		return "standard input"
	}
	var what []string
	for _, s := range []string{c.url, c.image, c.log} {
		if s != "" {
			what = append(what, s)
		}
	}
	if c.dir != "" && (rule[0] == 'S' || len(what) == 0) {
		return c.dir
	}
	return strings.Join(what, ", ")
}

func (o *checkOptions) print(c *checked) error {
	out := o.env.Out
	switch {
	case o.format == asJSON:
		return out.JSON(c.json())
	case o.format == asSARIF:
		return out.JSON(c.sarif())
	case o.format == asJUnit:
		return out.XML(c.junit())
	case o.format == asGitHub:
		c.annotate(out)
	case o.fix && o.dryRun:
		o.env.printDiffs(c)
	default:
		newTextReport(out, c, o.verbose).show()
	}
	return nil
}
