package contract

import (
	"bytes"
	"fmt"

	"dockerflow/generator/lazyregexp"
)

var l09 = Rule{
	ID:     "L9",
	Level:  Must,
	Says:   "Metrics go to statsd at $STATSD_HOST:$STATSD_PORT; the service works when these are unset or nothing listens there.",
	Source: "2016 specification, Sending metrics and logs",
	Needs:  aProcess + " and a statsd socket",
	Fix:    "Send over UDP, never wait for it, and send nothing when STATSD_HOST is unset.",
	image:  onContainers((*Observed).metrics),
}

// metric matches a line of statsd, with the rate and the tags that some add.
var metric = lazyregexp.New(`^[A-Za-z_][\w.\-/]*:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?\|(?:c|g|ms|h|s|d)(?:\|@\d*\.?\d+)?(?:\|#[^|\s]+)?$`)

// CheckMetrics returns the problems of a packet sent to statsd.
func CheckMetrics(packet []byte) []string {
	var problems []string
	for line := range bytes.SplitSeq(bytes.TrimSuffix(packet, []byte("\n")), []byte("\n")) {
		if !metric().Match(line) {
			problems = append(problems, fmt.Sprintf("%.80q is not a statsd metric", line))
		}
	}
	return problems
}

// ReadMetrics checks a packet that a container sent to statsd against L9.
func (o *Observed) ReadMetrics(packet []byte) {
	o.Packets++
	for _, p := range CheckMetrics(packet) {
		o.Metrics.Add("%s", p)
	}
}

// metrics is what containers show of L9. Where nothing came, a firewall may have stood between.
func (o *Observed) metrics() Verdict {
	const works = "it works when STATSD_HOST is unset and when nothing listens there, but "
	switch {
	case o.Statsd == "":
		return o.Metrics.judge(works + "containers cannot reach this machine, so metrics cannot be checked")
	case o.Packets == 0:
		return o.Metrics.judge(works + "no metric arrived at " + o.Statsd + ": a firewall may block them")
	}
	v := o.Metrics.judge("")
	if v.Status == Pass {
		v.Note = fmt.Sprintf("%d packets received", o.Packets)
	}
	return v
}
