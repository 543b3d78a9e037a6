package contract

import (
	"context"
	"io/fs"
)

// Variants checks a repository and edited copies of it. The files are listed once, without what an edit adds.
type Variants struct {
	Options Options
	listed  []string // of the repository's tree, once it is known
	cut     bool
}

// Readable reports whether a variant's Dockerfile and .dockerignore can be read, within so many steps.
func (v *Variants) Readable(ctx context.Context, files fs.FS, steps int) bool {
	return open(ctx, files, v.Options, steps).broken == nil
}

// Check checks a variant against the rules within a number of steps, and returns how many it used.
func (v *Variants) Check(ctx context.Context, files fs.FS, steps int) (results []Result, used int) {
	r := open(ctx, files, v.Options, steps)
	r.listed, r.cut = v.listed, v.cut
	results = r.check(ctx)
	v.listed, v.cut = r.listed, r.cut
	return results, steps - r.left
}
