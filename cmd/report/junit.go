package report

import (
	"encoding/xml"
	"strings"

	"dockerflow/generator/contract"
	"dockerflow/generator/glyph"
)

// The elements of JUnit XML that CI servers read.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		File    string     `xml:"file,attr,omitempty"`
		Line    int        `xml:"line,attr,omitempty"`
		Failure *junitText `xml:"failure"`
		Skipped *junitText `xml:"skipped"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// junit makes each rule a test case. Failures that do not fail the run are skipped, with the reason.
func (c *Check) junit() junitSuites {
	suite := junitSuite{Name: "dockerflow"}
	for _, j := range c.Judged {
		test := junitCase{Class: "dockerflow." + string(j.Level), Name: j.ID + " " + j.Says}
		switch s := state(j); {
		case c.decides(j):
			test.Failure = &junitText{glyph.Line(j.Findings[0].Text), string(j.Level), junitFindings(c, j)}
			test.File, test.Line = glyph.Line(c.place(j.Findings[0])), j.Findings[0].Line
			suite.Failures++
		case s == fails:
			test.Skipped = &junitText{Message: glyph.Line("fails, but a should does not fail the run: " + j.Findings[0].Text), Text: junitFindings(c, j)}
		case s == ignored:
			test.Skipped = &junitText{Message: glyph.Line("ignored: " + j.Ignored)}
		case s == known:
			test.Skipped = &junitText{Message: "in the baseline", Text: junitFindings(c, j)}
		case s == notCheckable:
			test.Skipped = &junitText{Message: glyph.Line("not checkable: " + j.Note)}
		}
		if test.Skipped != nil {
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, test)
	}
	suite.Tests = len(suite.Cases)
	return junitSuites{Name: "dockerflow check", Tests: suite.Tests, Failures: suite.Failures, Skipped: suite.Skipped, Suite: suite}
}

func junitFindings(c *Check, j contract.Judgement) string {
	r := &textReport{c: c}
	var lines []string
	for _, f := range append(append([]contract.Finding{}, j.Findings...), j.Known...) {
		lines = append(lines, glyph.Line(r.wrong(j.ID, f)))
	}
	return strings.Join(append(lines, "fix: "+j.Fix), "\n")
}
