// Package report prints what commands found and did: text, JSON, SARIF, JUnit and annotations for GitHub.
package report

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
	"dockerflow/generator/contract/fix"
	"dockerflow/generator/tree"
)

// Check is what came of checking something, as every format shows it.
type Check struct {
	Dir, URL, Log, Image string // what was checked; "" for what was not

	Strict   bool                 // a should that fails counts, too
	Judged   []contract.Judgement // each that fails has a finding
	Notes    []string             // what the user should know
	Baseline string               // its file, as typed
	Gone     contract.Baseline    // what it holds, and nobody finds any more

	Fixes   []fix.Fix
	Changes []FileChange // that the mends make
	Mended  bool         // they are written
	Fixable int          // how many things --fix could mend
}

// FileChange is a file that is mended.
type FileChange struct {
	Path     string
	Old, New []byte // Old is nil for a new file
}

// The formats of a report.
const (
	Text   = "text"
	JSON   = "json"
	SARIF  = "sarif"
	JUnit  = "junit"
	GitHub = "github"
)

// Formats are all formats of a report.
var Formats = []string{Text, JSON, SARIF, JUnit, GitHub}

// CheckFormat is how a Check is printed.
type CheckFormat struct {
	Name    string // of the format
	Verbose bool   // the text shows every rule
	Changes bool   // the text is what the mends change, and nothing else
	Version string // of the program, for SARIF
}

// Print prints the report. Notes go to a stream of their own.
func (c *Check) Print(out, notes *output.Stream, as CheckFormat) error {
	switch as.Name {
	case JSON:
		return out.JSON(c.json())
	case SARIF:
		return out.JSON(c.sarif(as.Version))
	case JUnit:
		return out.XML(c.junit())
	case GitHub:
		c.annotate(out)
	default:
		if as.Changes {
			c.printChanges(out, notes)
		} else {
			newTextReport(out, c, as.Verbose).show()
		}
	}
	return nil
}

// Accept sets apart what the project lets pass: rules that it ignores, with the reasons, and the findings of its baseline.
func (c *Check) Accept(results []contract.Result, ignore map[string]string, baseline contract.Baseline) {
	c.Judged, c.Gone = contract.Accept(results, ignore, baseline)
	for i, j := range c.Judged {
		if j.Fails() && len(j.Findings) == 0 { // every format shows at least one
			c.Judged[i].Findings = []contract.Finding{{Text: cmp.Or(j.Note, "the rule is broken")}}
		}
		if j.Ignored != "" && j.Status == contract.Pass {
			c.Notes = append(c.Notes, fmt.Sprintf("%s is ignored, and passes: check.ignore in %s need not name it", j.ID, tree.RecordFile))
		}
	}
}

// Fails reports whether a rule that counts is broken.
func (c *Check) Fails() bool { return c.count().counting > 0 }

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

func (c *Check) count() counts {
	var n counts
	for _, j := range c.Judged {
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
			if c.decides(j) {
				n.counting++
			}
		}
	}
	return n
}

// decides reports whether the rule makes the run fail.
func (c *Check) decides(j contract.Judgement) bool {
	return state(j) == fails && (j.Level == contract.Must || c.Strict)
}

// in gives the judgements of a state.
func (c *Check) in(wanted string) (all []contract.Judgement) {
	for _, j := range c.Judged {
		if state(j) == wanted {
			all = append(all, j)
		}
	}
	return all
}

// place is a finding's file as seen from the folder that the command runs in.
func (c *Check) place(f contract.Finding) string {
	if f.Path == "" {
		if f.Line > 0 && c.Log != "-" {
			return c.Log // a line of that
		}
		return ""
	}
	if filepath.IsAbs(c.Dir) {
		return filepath.Join(c.Dir, filepath.FromSlash(f.Path))
	}
	return path.Join(filepath.ToSlash(c.Dir), f.Path)
}

// subject is what a finding without a file is about.
func (c *Check) subject(rule string) string {
	if rule == "L8" && c.Log == "-" {
		return "standard input"
	}
	var what []string
	for _, s := range []string{c.URL, c.Image, c.Log} {
		if s != "" {
			what = append(what, s)
		}
	}
	if c.Dir != "" && (rule[0] == 'S' || len(what) == 0) {
		return c.Dir
	}
	return strings.Join(what, ", ")
}
