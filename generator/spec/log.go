package spec

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// CheckLog is a stopgap until the branch spec brings its own.
func CheckLog(in io.Reader) Verdict {
	r := bufio.NewReaderSize(in, 64<<10)
	var found []Finding
	lines := 0
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			lines++
			_, problems := CheckLine(line)
			for _, p := range problems {
				if p.Level == Must {
					found = append(found, Finding{Line: lines, Text: fmt.Sprintf("line %d %s", lines, p)})
				}
			}
		}
		if errors.Is(err, io.EOF) || err != nil {
			break
		}
	}
	if lines == 0 {
		return unknown("nothing was printed")
	}
	return judge(found, "")
}
