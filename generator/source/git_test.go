package source

import (
	"testing"
)

func TestGit(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	first := run(t, o.dir, "rev-parse", "HEAD")
	run(t, o.dir, "tag", "light")
	run(t, o.dir, "tag", "-a", "-m", "x", "v1.0.0")
	run(t, o.dir, "tag", "-a", "-m", "x", "twice", "v1.0.0")
	second := o.commit(t, map[string]string{"sub/template.yaml": "about: sub\n", "sub/files/a": "sub\n"})
	run(t, o.dir, "branch", "release/1")
	sub := map[string]string{"template.yaml": "about: sub\n", "files/a": "sub\n"}
	cache := t.TempDir()
	for _, test := range []struct {
		behind, commit string
		files          map[string]string
	}{
		{"", second, keptOf(small)},
		{"//sub", second, sub},
		{"//sub@main", second, sub},
		{"//sub@release/1", second, sub},
		{"@light", first, keptOf(small)},
		{"@v1.0.0", first, keptOf(small)},
		{"@twice", first, keptOf(small)},
		{"@" + first, first, keptOf(small)},
		{"//sub@" + second, second, sub},
	} {
		found, err := disk(cache).Open(t.Context(), parse(t, o.url+test.behind))
		if err != nil {
			t.Errorf("%q: %v", test.behind, err)
			continue
		}
		if found.Commit != test.commit {
			t.Errorf("%q: commit %s, want %s", test.behind, found.Commit, test.commit)
		}
		holds(t, found, test.files)
	}
}
