package contract

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

var l08 = Rule{
	ID:     "L8",
	Level:  Must,
	Says:   "Logs go to stdout or stderr as one mozlog 2.0 JSON object per line, including start, stop and uncaught errors.",
	Source: "2016 specification, Sending metrics and logs; current specification, Containerized App Requirements 7 and Optional Recommendations 2",
	URL:    mozlog,
	Needs:  "the service's log",
	Fix:    "Send all output through one mozlog formatter, including the framework's own lines.",
	image:  onContainers((*Observed).logged),
}

// maxFindings bounds how many places a verdict on a log names. The rest is counted.
const maxFindings = 20

// CheckLog checks a service's whole output against L8, line by line, ignoring empty lines. It reads to the end in
// bounded memory and reports the first lines that are not mozlog.
func CheckLog(output io.Reader) Verdict {
	var (
		found        []Finding
		lines, wrong int
	)
	reader := bufio.NewReaderSize(output, 64<<10)
	for n := 1; ; n++ {
		text, err := readLine(reader)
		if len(bytes.TrimSpace(text)) > 0 {
			lines++
			if why := badLine(text); why != "" {
				if wrong++; wrong <= maxFindings {
					found = append(found, Finding{Line: n, Text: why})
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unknown("the log cannot be read: " + err.Error())
		}
	}
	if wrong > maxFindings {
		found = append(found, Finding{Text: fmt.Sprintf("%d more of %d lines are not mozlog", wrong-maxFindings, lines)})
	}
	if lines == 0 {
		return unknown("the log is empty")
	}
	v := judge(found, "")
	if v.Status == Pass {
		v.Note = "cannot tell whether start, stop and uncaught errors are logged"
	}
	return v
}

// badLine returns what makes a line invalid, or "".
func badLine(text []byte) string {
	_, problems := CheckLine(text)
	for _, p := range problems {
		if p.Level == Must && p.Key == "" {
			return "the line " + plainText(errors.New(p.Text))
		}
		if p.Level == Must {
			return plainText(errors.New(p.String()))
		}
	}
	return ""
}

// readLine reads a line without its end. Of one that is too long it keeps just enough to tell.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine + 1 - len(line); room > 0 {
			line = append(line, part[:min(room, len(part))]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
		}
	}
}

// ReadLog checks one output stream of a container against L8. Cut means that it may end within a line.
func (o *Observed) ReadLog(port, stream string, text []byte, cut bool) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		o.lines++
		if cut && !bytes.HasSuffix(line, []byte("\n")) {
			continue
		}
		for _, p := range brokenBy(line) {
			o.logs.Add("with PORT=%s, line %d of %s: %s: %.200q", port, n, stream, p, bytes.TrimSpace(line))
		}
	}
}

// brokenBy returns what breaks the contract in a log line.
func brokenBy(line []byte) []string {
	var problems []string
	_, found := CheckLine(bytes.TrimRight(line, "\r\n"))
	for _, p := range found {
		if p.Level == Must {
			problems = append(problems, p.String())
		}
	}
	return problems
}

// logged is what all containers wrote, as L8 sees it.
func (o *Observed) logged() Verdict {
	if o.lines == 0 && o.LogUnclear == "" {
		return Faults{"it wrote nothing to stdout or stderr"}.judge("")
	}
	return o.logs.judge(o.LogUnclear)
}
