package contract

import (
	"bytes"
	"fmt"

	"dockerflow/generator/lazyregexp"
)

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
