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

// Check is the result of a check, in the form that every format prints.
type Check struct {
	Dir, URL, Log, Image string // what was checked; "" if it was not given

	Strict   bool                 // failing should rules make the run fail, too
	Judged   []contract.Judgement // each failing rule has at least one finding
	Notes    []string             // for the user
	Baseline string               // the baseline's file, as the user gave it
	Gone     contract.Baseline    // baseline entries that are no longer found

	Fixes   []fix.Fix
	Changes []FileChange // the changes that the fixes make
	Fixed   bool         // the changes are written
	Fixable int          // number of problems that --fix could fix
}

// FileChange is the change of a file by fixes.
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

// CheckFormat selects how a Check is printed.
type CheckFormat struct {
	Name    string // one of Formats
	Verbose bool   // the text shows every rule
	Changes bool   // the text is only the diff of the fixes
	Version string // the program's version, for SARIF
}

// Print prints the report to out, and notes to notes.
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

// Accept applies what the project accepts: the rules that it ignores, with reasons, and the findings in its baseline.
func (c *Check) Accept(results []contract.Result, ignore map[string]string, baseline contract.Baseline) {
	c.Judged, c.Gone = contract.Accept(results, ignore, baseline)
	for i, j := range c.Judged {
		if j.Fails() && len(j.Findings) == 0 { // every format prints at least one
			c.Judged[i].Findings = []contract.Finding{{Text: cmp.Or(j.Note, "the rule fails")}}
		}
		if j.Ignored != "" && j.Status == contract.Pass {
			c.Notes = append(c.Notes, fmt.Sprintf("%s is ignored but passes: remove it from check.ignore in %s", j.ID, tree.RecordFile))
		}
	}
}

// Fails reports whether a rule makes the run fail.
func (c *Check) Fails() bool { return c.count().counting > 0 }

// The states of a rule in a report: its status, or why a failure does not count.
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

// counts has the number of rules in each state. must and should count failing rules; counting is how many of those make
// the run fail.
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

// in returns the judgements in a state.
func (c *Check) in(wanted string) (all []contract.Judgement) {
	for _, j := range c.Judged {
		if state(j) == wanted {
			all = append(all, j)
		}
	}
	return all
}

// place returns a finding's file relative to the current folder.
func (c *Check) place(f contract.Finding) string {
	if f.Path == "" {
		if f.Line > 0 && c.Log != "-" {
			return c.Log // the line is in the log
		}
		return ""
	}
	if filepath.IsAbs(c.Dir) {
		return filepath.Join(c.Dir, filepath.FromSlash(f.Path))
	}
	return path.Join(filepath.ToSlash(c.Dir), f.Path)
}

// subject names what a finding without a file is about.
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
