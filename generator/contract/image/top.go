package image

import (
	"context"
	"strings"

	"dockerflow/generator/contract"
)

// top lists the processes, or returns why their ids are unknown.
func (c *container) top(ctx context.Context) (all []contract.Process, unclear string, err error) {
	columns := []string{"-eo", "pid,ruid,euid,rgid,egid,args"}
	if c.s.e.podman {
		columns = []string{"pid", "ruser", "user", "rgroup", "group", "args"}
	}
	text, err := c.s.e.output(ctx, append([]string{"top", c.id}, columns...)...)
	if err != nil {
		return nil, "cannot list the container's processes: " + err.Error(), ctx.Err()
	}
	_, text, _ = strings.Cut(text, "\n")
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 6 {
			continue
		}
		p := contract.Process{IDs: f[1:5], Command: contract.OneLine(strings.Join(f[5:], " "))}
		if c.s.e.podman {
			p.IDs = c.s.image.Numbers(p.IDs)
		}
		if len(p.IDs[0]) > 5 { // beyond what an image uses
			info, err := c.s.e.output(ctx, "info", "--format", "{{json .SecurityOptions}}")
			if err != nil || strings.Contains(info, "name=userns") {
				return nil, "the engine maps the container's users to other ids on this machine", ctx.Err()
			}
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, "the engine lists no process of the container", nil
	}
	return all, "", nil
}
