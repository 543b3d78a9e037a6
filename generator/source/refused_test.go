package source

import (
	"strings"
	"testing"
)

// refusals are sources that Parse refuses: what each tries, the text, and a part of the error.
var refusals = []struct{ name, in, want string }{
	{"nothing", "", "printable text"},
	{"too long", "https://host/" + strings.Repeat("a", maxSource), "at most 2000 bytes"},
	{"NUL", "./a\x00b", "printable"},
	{"newline", "https://host/a\nb", "printable"},
	{"escape sequence", "./a\x1b[2J", "printable"},
	{"bidi", "https://host/\u202egpj.exe", "printable"},
	{"invisible", "https://ho\u200bst/a", "printable"},
	{"not UTF-8", "./a\xff", "printable"},
	{"byte order mark", "\ufeff./a", "printable"},
	{"line separator", "./a\u2028b", "printable"},

	{"option as folder", "--upload-pack=touch /tmp/x", "hyphen"},
	{"option as folder with slash", "-/x", "hyphen"},
	{"option as archive", "-x.zip", "hyphen"},
	{"option as https host", "https://-oProxyCommand=x/a", "want https://"},
	{"option as ssh host", "ssh://-oProxyCommand=x/a", "want https://"},
	{"option as ssh host, encoded", "ssh://%2doProxyCommand=x/a", "want https://"},
	{"option as ssh host with user", "ssh://git@-oProxyCommand=x/a", "want https://"},
	{"option as ssh user", "ssh://-oProxyCommand=x@host/a", "want https://"},
	{"option as ssh user, encoded", "ssh://%2dx@host/a", "want https://"},
	{"option as ssh port", "ssh://host:-1/a", "want https://"},
	{"option as scp host", "git@-oProxyCommand=x:a", "want https://"},
	{"option as scp host alone", "-oProxyCommand=x:a", "want https://"},
	{"option as scp user", "-oProxyCommand=x@host:a", "want https://"},
	{"option as scp path", "git@host:--upload-pack=x", "starts with a hyphen"},
	{"option as path", "https://host/--upload-pack=x", "starts with a hyphen"},
	{"option as path, encoded", "https://host/%2d-upload-pack=x", "starts with a hyphen"},
	{"option as ref", "https://host/a@--upload-pack=x", "the ref"},
	{"option as sub", "https://host/a//--upload-pack=x", "hyphen"},
	{"option within sub", "https://host/a//b/-c", "hyphen"},
	{"pathspec magic as sub", "https://host/a//:(exclude)b", "colon"},
	{"command in the host", "ssh://$(touch x)/a", "want https://"},
	{"command in the user", "ssh://`x`@host/a", "want https://"},
	{"command in the scp host", "git@a;b:c", "want https://"},

	{"ext", "ext::sh -c x", "would start a program"},
	{"fd", "fd::17/x", "would start a program"},
	{"ext in capitals", "EXT::sh", "would start a program"},
	{"any helper", "foo-bar::https://host/a", "would start a program"},
	{"helper that git has no name for", "_0::", "would start a program"},
	{"helper after a host", "git@host::x", "would start a program"},
	{"helper after a password", "git:s3cret@host::x", "would start a program"},
	{"helper of https", "https::https://host/a", "would start a program"},
	{"file", "file:///etc", "file:// is not supported"},
	{"file in capitals", "FILE:///etc", "file:// is not supported"},
	{"git", "git://host/a", "git:// is not supported"},
	{"ftp", "ftp://host/a", "ftp:// is not supported"},
	{"git+ssh", "git+ssh://host/a", "git+ssh:// is not supported"},
	{"javascript", "javascript://host/a", "is not supported"},
	{"http", "http://example.com/a", "use https://"},
	{"http to a name like this machine's", "http://localhost.example.com/a", "use https://"},
	{"http to an address like this machine's", "http://127.0.0.1.example.com/a", "use https://"},
	{"http to any address", "http://0.0.0.0/a", "use https://"},
	{"http to this machine as a user", "http://127.0.0.1@example.com/a", "use https://"},
	{"one slash", "https:/host/a", "want https://"},
	{"no slash", "https:host/a", "want https://"},

	{"no path", "https://host", "want https://"},
	{"empty path", "https://host/", "want https://"},
	{"only a sub", "https://host//a", "want https://"},
	{"no host", "https:///a", "want https://"},
	{"empty scp path", "git@host:", "want https://"},
	{"port of letters", "https://host:http/a", "want https://"},
	{"port 0", "https://host:0/a", "want https://"},
	{"port too large", "https://host:65536/a", "want https://"},
	{"empty port", "https://host:/a", "want https://"},
	{"IPv6 without end", "https://[::1/a", "want https://"},
	{"IPv6 with zone", "https://[fe80::1%25eth0]/a", "want https://"},
	{"no IPv6", "https://[evil]/a", "want https://"},
	{"scp IPv6 without end", "git@[::1", "want https://"},
	{"letters beyond ASCII in the host", "https://gіthub.com/a", "want https://"},
	{"backslash host", `https://host\@evil/a`, "want https://"},
	{"host too long", "https://" + strings.Repeat("a.", 127) + "aa/a", "want https://"},
	{"query", "https://host/a?b=c", "want https://"},
	{"fragment", "https://host/a#b", "want https://"},
	{"encoded newline", "https://host/a%0ab", "want https://"},
	{"encoded NUL", "https://host/a%00b", "want https://"},
	{"bad encoding", "https://host/a%zz", "want https://"},
	{"parent", "https://host/../a", "no . or .."},
	{"parent, encoded", "https://host/%2e%2e/a", "no . or .."},
	{"parent after a slash, encoded", "https://host/a%2f..%2fb", "no . or .."},
	{"parent by scp", "git@host:../../a", "no . or .."},
	{"backslash path", `https://host/a\b`, "want https://"},
	{"space", "https://host/a b", "want https://"},
	{"archive by URL", "https://host/team.tar.gz", "download the archive"},

	{"sub is the parent", "https://host/a//..", "subfolder"},
	{"sub outside the source", "https://host/a//b/../../c", "subfolder"},
	{"sub is the folder", "https://host/a//.", "subfolder"},
	{"sub is absolute twice", "https://host/a//b//c", "subfolder"},
	{"sub in .git", "https://host/a//.git/hooks", ".git"},
	{"sub in .GIT", "https://host/a//b/.GIT", ".git"},
	{"sub in git~1", "https://host/a//git~1", ".git"},
	{"sub with backslash", `https://host/a//b\c`, "subfolder"},
	{"sub too long", "https://host/a//" + strings.Repeat("b", maxPath+1), "subfolder"},
	{"sub too deep", "https://host/a//" + strings.Repeat("b/", maxElements) + "b", "subfolder"},
	{"sub outside a folder", "./a//../b", "subfolder"},
	{"sub outside an archive", "a.zip//../b", "subfolder"},
	{"sub of a folder in .git", "./a//.git", ".git"},

	{"empty ref", "https://host/a@", "the ref"},
	{"ref before sub", "https://host/a@v1//b", "the ref"},
	{"range", "https://host/a@v1..v2", "the ref"},
	{"ancestor", "https://host/a@v1~1", "the ref"},
	{"parent of a ref", "https://host/a@v1^", "the ref"},
	{"refspec", "https://host/a@v1:refs/heads/main", "the ref"},
	{"pattern", "https://host/a@v*", "the ref"},
	{"pattern of one", "https://host/a@v?", "the ref"},
	{"class", "https://host/a@v[1]", "the ref"},
	{"backslash ref", `https://host/a@v\1`, "the ref"},
	{"reflog", "https://host/a@v1@{1}", "the ref"},
	{"HEAD by a sign", "https://host/a@@", "the ref"},
	{"lock", "https://host/a@v1.lock", "the ref"},
	{"lock as folder", "https://host/a@v1.lock/b", "the ref"},
	{"dot at the end", "https://host/a@v1.", "the ref"},
	{"dot at the start", "https://host/a@.v1", "the ref"},
	{"dot within", "https://host/a@v/.1", "the ref"},
	{"slash at the start", "https://host/a@/v1", "the ref"},
	{"slash at the end", "https://host/a@v1/", "the ref"},
	{"two slashes", "https://host/a@v//1", "the ref"},
	{"space in the ref", "https://host/a@v 1", "the ref"},
	{"forced refspec", "https://host/a@+v1:x", "the ref"},

	{"password of ssh", "ssh://git:s3cret@host/a", "cannot have a password"},
	{"password of scp", "git:s3cret@host:a", "cannot have a password"},
	{"password and unsupported scheme", "ftp://me:s3cret@host/a", "ftp:// is not supported"},
	{"password and http", "http://me:s3cret@example.com/a", "use https://"},
	{"password with @", "https://me:s3cr@s3cret@host/a", "want https://"},
	{"password with /", "https://me:s3cret/@host/a", "want https://"},
	{"password without user", "https://:s3cret@host/a", "want https://"},
	{"empty user", "https://@host/a", "want https://"},
	{"password and bad host", "https://me:s3cret@ho st/a", "want https://"},
	{"password and bad path", "https://me:s3cret@host/a?b", "want https://"},
	{"password and bad ref", "https://me:s3cret@host/a@b..c", "the ref"},
	{"password and bad sub", "https://me:s3cret@host/a//..", "subfolder"},
	{"password with newline", "https://me:s3cret%0ahost=evil@host/a", "want https://"},
	{"user with newline", "https://me%0apassword=x:s3cret@host/a", "want https://"},
	{"password with bad encoding", "https://me:s3cret%zz@host/a", "want https://"},
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, test := range refusals {
		if names[test.name] {
			t.Errorf("sample %s exists twice", test.name)
		}
		names[test.name] = true
		got, err := Parse(test.in)
		switch {
		case err == nil:
			t.Errorf("%s: %q is accepted as %#v", test.name, shorten(test.in), got)
		case !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cr"):
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
		if got != (Source{}) {
			t.Errorf("%s: the error comes with %#v", test.name, got)
		}
	}
	t.Logf("%d samples", len(refusals))
}

func FuzzParse(f *testing.F) {
	for _, test := range parsed {
		f.Add(test.in)
	}
	for _, test := range refusals {
		f.Add(test.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		s, err := Parse(in)
		if err != nil {
			if s != (Source{}) {
				t.Errorf("an error comes with %#v", s)
			}
			return
		}
		if !IsSource(in) && s.Kind != Folder {
			t.Errorf("the error %v is not expected by any sample", s)
		}
		if s.Name() == "" || strings.ContainsFunc(s.String(), unprintable) || strings.HasPrefix(s.Place, "-") || strings.HasPrefix(s.Sub, "-") || strings.HasPrefix(s.Ref, "-") {
			t.Errorf("got %#v", s)
		}
		if password := s.login.password; len(password) > 8 && strings.Contains(s.String(), password) {
			t.Errorf("%s shows the password", s)
		}
		s.login = login{}
		if again, err := Parse(s.String()); err != nil || again != s {
			t.Errorf("%v parsed again is %#v, %v", s, again, err)
		}
		if helper, _, ok := strings.Cut(s.Place, "::"); s.Kind == Git && (ok && (helper == "" || isScheme(helper)) || !strings.Contains(s.Place, ":")) {
			t.Errorf("git would interpret %q in another way", s.Place)
		}
	})
}
