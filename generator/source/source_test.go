package source

import (
	"strings"
	"testing"
)

const sha1ID = "0123456789abcdef0123456789abcdef01234567"

var parsed = []struct {
	in   string
	want Source
	name string
}{
	{"./acme", Source{Place: "./acme"}, "acme"},
	{"/srv/Acme Templates/", Source{Place: "/srv/Acme Templates"}, "acme-templates"},
	{".", Source{Place: "."}, "template"},
	{"..", Source{Place: ".."}, "template"},
	{"/", Source{Place: "/"}, "template"},
	{"./...", Source{Place: "./..."}, "template"},
	{"../a//b/c", Source{Place: "../a", Sub: "b/c"}, "c"},
	{`C:\team\acme`, Source{Place: `C:\team\acme`}, "acme"},
	{"./a:b@c", Source{Place: "./a:b@c"}, "a-b-c"},
	{"./a::b", Source{Place: "./a::b"}, "a-b"},
	{"acme", Source{Place: "acme"}, "acme"},
	{"team.tar.gz", Source{Kind: Archive, Place: "team.tar.gz"}, "team"},
	{"team.TGZ//python", Source{Kind: Archive, Place: "team.TGZ", Sub: "python"}, "python"},
	{"x/team.zip//a/b/", Source{Kind: Archive, Place: "x/team.zip", Sub: "a/b"}, "b"},
	{"team.tar", Source{Kind: Archive, Place: "team.tar"}, "team"},
	{".tar", Source{Kind: Archive, Place: ".tar"}, "template"},
	{"https://github.com/acme/templates", Source{Kind: Git, Place: "https://github.com/acme/templates"}, "templates"},
	{"HTTPS://GitHub.com/acme/templates.git/", Source{Kind: Git, Place: "https://github.com/acme/templates.git"}, "templates"},
	{"https://github.com/acme/templates//python@v1.2.0", Source{Kind: Git, Place: "https://github.com/acme/templates", Sub: "python", Ref: "v1.2.0"}, "python"},
	{"https://github.com/acme/t@release/2.0", Source{Kind: Git, Place: "https://github.com/acme/t", Ref: "release/2.0"}, "t"},
	{"https://github.com/acme/t@pkg@1.0", Source{Kind: Git, Place: "https://github.com/acme/t", Ref: "pkg@1.0"}, "t"},
	{"https://github.com/acme/t@" + strings.ToUpper(sha1ID), Source{Kind: Git, Place: "https://github.com/acme/t", Ref: sha1ID}, "t"},
	{"https://me:s3cret@git.example.com:8443/a/b.git@v1", Source{Kind: Git, Place: "https://git.example.com:8443/a/b.git", Ref: "v1", login: login{"me", "s3cret"}}, "b"},
	{"https://t0ken@git.example.com/a/b", Source{Kind: Git, Place: "https://git.example.com/a/b", login: login{"t0ken", ""}}, "b"},
	{"https://me:a%40b%2Fc@git.example.com/a/b", Source{Kind: Git, Place: "https://git.example.com/a/b", login: login{"me", "a@b/c"}}, "b"},
	{"http://localhost:8080/a", Source{Kind: Git, Place: "http://localhost:8080/a"}, "a"},
	{"http://127.0.0.1/a/b", Source{Kind: Git, Place: "http://127.0.0.1/a/b"}, "b"},
	{"http://[::1]:80/a", Source{Kind: Git, Place: "http://[::1]:80/a"}, "a"},
	{"ssh://git@host.example:2222/~team/t.git//x@v1", Source{Kind: Git, Place: "ssh://git@host.example:2222/~team/t.git", Sub: "x", Ref: "v1"}, "x"},
	{"ssh://host.example/~team", Source{Kind: Git, Place: "ssh://host.example/~team"}, "team"},
	{"git@github.com:acme/templates.git", Source{Kind: Git, Place: "git@github.com:acme/templates.git"}, "templates"},
	{"git@github.com:acme/templates//python@v1", Source{Kind: Git, Place: "git@github.com:acme/templates", Sub: "python", Ref: "v1"}, "python"},
	{"github.com:/srv/git/t", Source{Kind: Git, Place: "github.com:/srv/git/t"}, "t"},
	{"git@[::1]:acme/t", Source{Kind: Git, Place: "git@[::1]:acme/t"}, "t"},
	{"git@host:t.git", Source{Kind: Git, Place: "git@host:t.git"}, "t"},
	{"[::1]:acme/t", Source{Kind: Git, Place: "[::1]:acme/t"}, "t"},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range parsed {
		got, err := Parse(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if got != test.want {
			t.Errorf("%s: got %#v, want %#v", test.in, got, test.want)
		}
		if got.Name() != test.name {
			t.Errorf("%s: name %q, want %q", test.in, got.Name(), test.name)
		}
		// What is printed and recorded means the same, without the login.
		again, err := Parse(got.String())
		got.login = login{}
		if err != nil || again != got {
			t.Errorf("%s: parsed again it is %v, %v", test.in, again, err)
		}
		if pinned := strings.HasSuffix(got.String(), "@"+sha1ID); got.Pinned() != pinned {
			t.Errorf("%s: pinned is %v", test.in, got.Pinned())
		}
	}
}

func TestIsSource(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"go": false, "acme": false, "my-team": false, "": false, "tar": false, "team.yaml": false,
		"./acme": true, ".": true, "..": true, "a/b": true, `a\b`: true, "team.zip": true, "team.TAR.GZ": true, "team.tgz": true, "team.tar": true,
		"https://github.com/a/b": true, "git@host:a": true, "ext::sh": true,
	} {
		if got := IsSource(in); got != want {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	}
}
