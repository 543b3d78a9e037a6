package image

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"dockerflow/generator/contract"
)

func number(n int) string { return strconv.Itoa(n) }

// waste is what S13 wants out of an image: a kind of files, and how their names look.
var waste = []struct {
	what  string
	names func() *regexp.Regexp
}{
	{"a compiler", lazy(`^(?:usr/(?:local/)?)?bin/(?:gcc|g\+\+|clang|rustc|ghc)(?:-\d+(?:\.\d+)*)?$|/cc1(?:plus)?$|^usr/local/go/bin/go$|/bin/(?:rustc|cargo)$`)},
	{"apt's lists", lazy(`^var/lib/apt/lists/[^/]*_(?:Packages|InRelease|Release|Sources)[^/]*$`)},
	{"apt's cache", lazy(`^var/cache/apt/.*\.(?:deb|bin)$`)},
	{"apk's cache", lazy(`^var/cache/apk/.*\.(?:tar\.gz|apk)$`)},
	{"pip's cache", lazy(`^(?:root|home/[^/]+|app)/\.cache/(?:pip|uv|pypoetry|pipenv)/.`)},
	{"npm's cache", lazy(`^(?:root|home/[^/]+|app)/(?:\.npm/_cacache|\.cache/(?:yarn|node|pnpm)|\.yarn/cache/registry)/.`)},
	{"Go's cache", lazy(`^(?:root/\.cache/go-build|go/pkg/mod/cache)/.`)},
	{"a development dependency", lazy(`^app/(?:.*/)?node_modules/(?:eslint|jest|mocha|vitest|nodemon|@biomejs/biome)/package\.json$|` +
		`/site-packages/(?:_pytest|mypy|flake8|pylint|ruff|tox)/__init__\.py$`)},
}

func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// small is S13. Every layer counts, also for what a later one takes away: it is sent and kept all the same.
func (i *Image) small() contract.Verdict {
	var r report
	var size int64
	told := map[string]bool{}
	for n, l := range i.Layers {
		size += l.Size
		for _, f := range l.Files {
			if !f.Mode.IsRegular() || strings.HasPrefix(path.Base(f.Name), ".wh.") {
				continue
			}
			for _, w := range waste {
				if key := w.what + number(n); !told[key] && w.names().MatchString(f.Name) {
					told[key] = true // one file of a kind and layer says enough
					r.add("%s is in %s: /%s", w.what, i.layerName(n), f.Name)
				}
			}
		}
	}
	v := r.judge(i.unread)
	if v.Status == contract.Pass {
		v.Note = fmt.Sprintf("%d layers, %.1f MB as they are saved", len(i.Layers), float64(size)/1e6)
	}
	return v
}
