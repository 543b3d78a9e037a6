package contract

import (
	"bytes"
	"fmt"

	"dockerflow/generator/lazyregexp"
)

var l09 = Rule{
	ID:     "L9",
	Level:  Must,
	Says:   "Metrics go by statsd to $STATSD_HOST:$STATSD_PORT; it works when they are unset or nobody listens.",
	Source: "specification of 2016, Sending metrics and logs",
	Needs:  aProcess + " and a statsd socket",
	Fix:    "Send by UDP, never wait for it, and do nothing when STATSD_HOST is unset.",
}

// metric matches a line of statsd, with the rate and the tags that some add.
var metric = lazyregexp.New(`^[A-Za-z_][\w.\-/]*:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?\|(?:c|g|ms|h|s|d)(?:\|@\d*\.?\d+)?(?:\|#[^|\s]+)?$`)

// CheckMetrics gives what is wrong with a packet that was sent to statsd.
func CheckMetrics(packet []byte) []string {
	var problems []string
	for line := range bytes.SplitSeq(bytes.TrimSuffix(packet, []byte("\n")), []byte("\n")) {
		if !metric().Match(line) {
			problems = append(problems, fmt.Sprintf("%.80q is no metric of statsd", line))
		}
	}
	return problems
}
