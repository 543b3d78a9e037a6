package contract

import (
	"fmt"
	"slices"
	"strconv"
)

var l11 = Rule{
	ID:     "L11",
	Level:  Must,
	Says:   "Every process runs as 10001:10001, without capabilities and with no-new-privileges.",
	Source: "2016 specification, Dockerfile Guidelines; current specification, Dockerfile requirements 3 and 5; no capabilities: practice",
	URL:    image,
	Needs:  "a container",
	Fix:    "Set USER app, and run nothing that needs root.",
	image:  onContainers((*Observed).unprivileged),
}

// Process is a process in a container.
type Process struct {
	IDs     []string // real and effective, first of the user, then of the group
	Command string
}

// unprivileged is what a container shows of L11.
func (o *Observed) unprivileged() Verdict {
	var found Faults
	switch start := o.Start; {
	case start.Hardening == Unhardened && start.Engine:
		return unknown("the engine cannot run a container without capabilities: " + start.Why)
	case start.Hardening == Unhardened:
		found.Add("it does not start without capabilities and with no-new-privileges: %s", start.Why)
		return found.judge("")
	case o.ProcessesUnclear != "":
		return unknown(o.ProcessesUnclear)
	}
	for _, p := range o.Processes {
		if slices.ContainsFunc(p.IDs, func(n string) bool { return n != strconv.Itoa(appID) }) {
			found.Add("process %q runs as user %s and group %s", p.Command, either(p.IDs[:2]), either(p.IDs[2:]))
		}
	}
	v := found.judge("")
	if v.Status == Pass {
		v.Note = fmt.Sprintf("%d processes", len(o.Processes))
		if len(o.Processes) == 1 {
			v.Note = "one process"
		}
	}
	return v
}

// either returns the effective id, with the real one if it differs.
func either(ids []string) string {
	if ids[0] == ids[1] {
		return ids[1]
	}
	return ids[1] + " (real id " + ids[0] + ")"
}
