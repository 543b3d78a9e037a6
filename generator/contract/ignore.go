package contract

import (
	"errors"
	"io/fs"

	"dockerflow/generator/contract/dockerfile"
)

// readIgnore prefers the ignore file of the Dockerfile itself, as BuildKit does.
func (r *repo) readIgnore() (*dockerfile.Ignore, error) {
	for _, name := range []string{r.name + ".dockerignore", ".dockerignore"} {
		data, err := r.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return &dockerfile.Ignore{Path: name}, err
		}
		return dockerfile.ParseIgnore(r.budget, name, data)
	}
	return dockerfile.ParseIgnore(r.budget, "", nil)
}

// hides reports whether .dockerignore excludes a file of the repository.
func (r *repo) hides(name string) bool { return r.ignore.Hides(r.budget, name) }
