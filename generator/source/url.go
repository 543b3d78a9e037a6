package source

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// errURL shows no part of the URL, because any part could be a password.
var errURL = errors.New("want https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH, with an optional //SUBFOLDER and @REF")

// notInURL are characters that must be written as %XX, because servers and programs treat them differently.
const notInURL = " ?#\\\"<>`|^{}[]"

// parseURL parses the part of a URL after scheme://.
func parseURL(scheme, rest string) (Source, error) {
	switch scheme {
	case "http", "https", "ssh":
	case "file":
		return Source{}, errors.New("file:// is not supported: use the path of the folder or archive")
	default:
		return Source{}, fmt.Errorf("%s:// is not supported: use an https:// or ssh:// URL", scheme)
	}
	authority, p, found := strings.Cut(rest, "/")
	if !found || strings.HasPrefix(p, "/") || strings.Count(authority, "@") > 1 {
		return Source{}, errURL
	}
	user, host, given := strings.Cut(authority, "@")
	if !given {
		user, host = "", authority
	}
	who, err := parseLogin(user)
	if err != nil || given && who.user == "" || !validHost(host) {
		return Source{}, errURL
	}
	before := scheme + "://"
	switch {
	case scheme == "ssh" && strings.Contains(user, ":"):
		return Source{}, errors.New("an ssh:// URL cannot have a password: ssh uses keys")
	case scheme == "ssh" && given:
		if !validUser(user) {
			return Source{}, errURL
		}
		before, who = before+user+"@", login{}
	case scheme == "http" && !loopback(host):
		return Source{}, errors.New("http:// can be read and changed by others on the network: use https://")
	}
	return parsePath(Source{Kind: Git, Place: before + strings.ToLower(host) + "/", login: who}, p)
}

// parseRemote parses USER@HOST:PATH, the short form of ssh.
func parseRemote(s string) (Source, error) {
	host, p, found := strings.Cut(s, ":")
	if i := strings.IndexByte(s, '['); i >= 0 && i < len(host) { // an IPv6 host contains colons
		host, p, found = strings.Cut(s, "]:")
		host += "]"
	}
	user, name, given := strings.Cut(host, "@")
	if !given {
		name = host
	}
	if before, behind, ok := strings.Cut(s, "@"); ok && strings.Contains(before, ":") && !strings.ContainsAny(before, "/[") && strings.Contains(behind, ":") {
		return Source{}, errors.New("USER@HOST:PATH cannot have a password: ssh uses keys")
	}
	if !found || given && !validUser(user) || !validHost(name) || !given && isKnownScheme(name) {
		return Source{}, errURL
	}
	return parsePath(Source{Kind: Git, Place: host + ":"}, p)
}

// isKnownScheme distinguishes a URL with a missing slash from a host.
func isKnownScheme(s string) bool {
	return slices.Contains([]string{"http", "https", "ssh", "git", "file"}, strings.ToLower(s))
}

// parsePath parses PATH[//SUB][@REF] into s, whose Place ends before the path.
func parsePath(s Source, p string) (Source, error) {
	p, ref, given := strings.Cut(p, "@")
	if given {
		if err := checkRef(ref); err != nil {
			return Source{}, err
		}
		if lower := strings.ToLower(ref); isID(lower) {
			ref = lower
		}
	}
	p, sub, _ := strings.Cut(strings.TrimRight(p, "/"), "//")
	if sub = strings.Trim(sub, "/"); sub != "" {
		if err := checkSub(sub); err != nil {
			return Source{}, err
		}
	}
	if err := checkURLPath(p); err != nil {
		return Source{}, err
	}
	if ending := archiveEnding(last(p)); ending != "" {
		return Source{}, fmt.Errorf("%s archives are read from files only: download the archive first", ending)
	}
	s.Place += p
	s.Sub, s.Ref = sub, ref
	return s, nil
}

// checkURLPath refuses paths that some servers or programs could misread.
func checkURLPath(p string) error {
	decoded, err := url.PathUnescape(p)
	if err != nil || strings.Trim(p, "/") == "" || strings.ContainsAny(p, notInURL) || strings.ContainsFunc(decoded, unprintable) {
		return errURL
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(decoded, "/"), "/") {
		if name == "" || name == "." || name == ".." || strings.HasPrefix(name, "-") {
			return errors.New("the URL's path: want no empty name, no . or .., and none that starts with a hyphen")
		}
	}
	return nil
}

// parseLogin parses USER[:PASSWORD], in which other characters are written as %XX.
func parseLogin(s string) (login, error) {
	user, password, _ := strings.Cut(s, ":")
	var who login
	var err, err2 error
	who.user, err = url.PathUnescape(user)
	who.password, err2 = url.PathUnescape(password)
	if err != nil || err2 != nil || strings.ContainsAny(s, notInURL) || strings.ContainsFunc(who.user+who.password, unprintable) {
		return login{}, errURL
	}
	return who, nil
}

// validHost reports whether s is HOST[:PORT] and cannot be mistaken for an option.
func validHost(s string) bool {
	host := s
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		port := s[i+1:]
		host = s[:i]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '+' {
			return false
		}
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		ip, err := netip.ParseAddr(inner)
		return ok && err == nil && ip.Is6() && ip.Zone() == ""
	}
	return len(host) <= 253 && validName(host)
}

// validUser reports whether s is allowed as a user name for ssh.
func validUser(s string) bool { return validName(strings.ReplaceAll(s, "+", "_")) }

func validName(s string) bool {
	return s != "" && s[0] != '-' && s[0] != '.' && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}

// loopback reports whether HOST[:PORT] is this machine.
func loopback(s string) bool {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil && ip.IsLoopback() || strings.EqualFold(s, "localhost")
}
