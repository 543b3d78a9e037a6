package contract

import (
	"bytes"
	"strings"
	"time"
)

var l12 = Rule{
	ID:     "L12",
	Level:  Should,
	Says:   "With a bad configuration, the service logs one clear line and exits non-zero at start.",
	Source: "practice",
	Needs:  aProcess + " with a bad configuration",
	Fix:    "Validate the whole configuration before listening.",
	image:  onContainers((*Observed).refuses),
}

// NotAPort is the value of $PORT with which a service must not start.
const NotAPort = "not-a-port"

// BadPort is the outcome of a container with PORT=not-a-port.
type BadPort struct {
	Unclear string        // why that is not known
	Port    int           // on which it listens anyway
	Running bool          // it still ran after the limit
	Limit   time.Duration // to end
	Code    int           // its exit status
	Log     []byte        // all that it wrote
	Tail    string        // the end of that, for a message
}

// refuses is what that container shows of L12.
func (o *Observed) refuses() Verdict {
	var found Faults
	switch b := o.BadPort; {
	case b.Unclear != "":
		return unknown(b.Unclear)
	case b.Port != 0:
		found.Add("with PORT=%s it listens on port %d", NotAPort, b.Port)
	case b.Running:
		found.Add("with PORT=%s it still runs after %v%s", NotAPort, b.Limit.Round(time.Second), b.Tail)
	case b.Code == 0:
		found.Add("with PORT=%s it exits with status 0, which means success", NotAPort)
	case !tells(b.Log, NotAPort):
		found.Add("with PORT=%s it exits with status %d, but no mozlog line names PORT or its value%s", NotAPort, b.Code, b.Tail)
	}
	return found.judge("")
}

// tells reports whether a log line explains what is wrong with PORT.
func tells(log []byte, value string) bool {
	for line := range bytes.Lines(log) {
		if len(brokenBy(line)) == 0 && (bytes.Contains(line, []byte("PORT")) || bytes.Contains(line, []byte(value)) ||
			strings.Contains(strings.ToLower(string(line)), "port ")) {
			return true
		}
	}
	return false
}
