package contract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dockerflow/generator/contract/pipeline"
)

// mergeOften merges a mapping of n keys into n others.
func mergeOften(n int) []byte {
	var b strings.Builder
	b.WriteString("a: &a {")
	for i := range n {
		fmt.Fprintf(&b, "k%d: v,", i)
	}
	b.WriteString("}\n")
	for i := range n {
		fmt.Fprintf(&b, "b%d: {<<: *a}\n", i)
	}
	return []byte(b.String())
}

// flatMapping has n keys, of some 12 bytes each.
func flatMapping(n int) []byte {
	var b strings.Builder
	b.WriteString("version: 2.1\n")
	for i := range n {
		fmt.Fprintf(&b, "key%06d: v\n", i)
	}
	return []byte(b.String())
}

// Each must end in a clear line, or in what the file means.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path string
		file       *fstest.MapFile
		rule       string
		want       Status
		says       string
	}{
		{"binary", docker, &fstest.MapFile{Data: []byte("\x7fELF\x00\x00")}, "S1", Fail, "not a text file"},
		{"huge", docker, &fstest.MapFile{Data: []byte(strings.Repeat("#\n", MaxFile))}, "S1", Fail, "longer than"},
		{"not UTF-8", docker, &fstest.MapFile{Data: []byte("FROM node:24-slim\nLABEL x=\xff\xfe\nUSER app\n")}, "S3", Pass, ""},
		{"UTF-16", docker, &fstest.MapFile{Data: []byte("\xff\xfeF\x00R\x00")}, "S1", Fail, "not a text file"},
		{"CRLF", docker, &fstest.MapFile{Data: []byte("FROM node:24-slim\r\nRUN groupadd -g 10001 app && \\\r\n  useradd -u 10001 -g app app\r\nUSER app\r\n")}, "S2", Pass, ""},
		{"a BOM", docker, &fstest.MapFile{Data: []byte("\xef\xbb\xbfFROM node:24-slim\nUSER app\n")}, "S3", Pass, ""},
		{"empty", docker, &fstest.MapFile{}, "S1", Fail, ""},
		{"a folder", docker + "/x", &fstest.MapFile{}, "S1", Fail, "not a regular file"},
		{"a pipe", docker, &fstest.MapFile{Mode: fs.ModeNamedPipe}, "S1", Fail, "not a regular file"},
		{"a very long line", docker, &fstest.MapFile{Data: []byte("FROM node:24-slim\nRUN " + strings.Repeat("x", 900_000) + "\n")}, "S1", Fail, "max allowed"},
		{"a .dockerignore that is a folder", ".dockerignore/x", &fstest.MapFile{}, "S1", Fail, "not a regular file"},
		{"a bad pattern", ".dockerignore", &fstest.MapFile{Data: []byte("a\n[\n")}, "S1", Fail, "syntax error"},
		{"too many patterns", ".dockerignore", &fstest.MapFile{Data: []byte(strings.Repeat("a\n", 1000+1))}, "S1", Fail, "more than"},
		{"version.json is binary", "version.json", &fstest.MapFile{Data: []byte("\x00")}, "S5", Fail, "not a text file"},
		{"version.json is a folder", "version.json/x", &fstest.MapFile{}, "S5", Fail, "not a regular file"},
		{"version.json has a BOM", "version.json", &fstest.MapFile{Data: []byte("\xef\xbb\xbf" + versionText)}, "S5", Pass, ""},
		{"CI is binary", pipeline.CircleFile, &fstest.MapFile{Data: []byte("\x00")}, "S11", Fail, "not a text file"},
		{"CI with CRLF", pipeline.CircleShim, &fstest.MapFile{Data: []byte("version: 2.1\r\njobs: [\r\n")}, "S11", Fail, ""},
		{"CI merges a large mapping often", pipeline.CircleShim, &fstest.MapFile{Data: mergeOften(2000)}, "S11", NotCheckable, ""},
		{"CI is one long list", pipeline.CircleShim, &fstest.MapFile{Data: []byte("a: [" + strings.Repeat("a,", MaxFile/2-10) + "]")}, "S11", NotCheckable, ""},
		{"CI is a flat mapping", pipeline.CircleShim, &fstest.MapFile{Data: flatMapping(80_000)}, "S11", Fail, "it is not a setup configuration"},
		{"CI is nested without end", pipeline.CircleShim, &fstest.MapFile{Data: []byte(strings.Repeat("[", 10_000))}, "S11", Fail, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := tree(t, "node")
			if file, _, ok := strings.Cut(c.path, "/"); ok && !strings.HasPrefix(c.path, ".circleci") {
				delete(files, file)
			}
			files[c.path] = c.file
			results := CheckRepo(t.Context(), files)
			got := of(t, results, c.rule)
			if got.Status != c.want || !strings.Contains(fmt.Sprint(got.Findings), c.says) {
				t.Errorf("%s is %s: %v %s", c.rule, got.Status, got.Findings, got.Note)
			}
			sound(t, results)
		})
	}
}

// Files of an allowed size whose cost could multiply must finish soon.
func TestNothingExplodes(t *testing.T) {
	t.Parallel()
	fill := func(text string) []byte { return []byte(strings.Repeat(text, MaxFile/len(text)-100)) }
	for name, files := range map[string]fstest.MapFS{
		"doubling ENV":         {docker: {Data: []byte("FROM a\nENV A=xx\n" + strings.Repeat("ENV A=$A$A$A$A$A$A$A$A\n", 900))}},
		"doubling variables":   {docker: {Data: []byte("FROM node:24\nRUN <<E\nA=xx\n" + strings.Repeat("A=$A$A$A$A$A$A$A$A\n", 900) + "E\n")}},
		"many instructions":    {docker: {Data: append([]byte("FROM a\n"), fill("ENV a=1\n")...)}},
		"many stages":          {docker: {Data: fill("FROM a\n")}},
		"endless documents":    {docker: {Data: []byte("FROM node:24\nCOPY x.sh /\nRUN /x.sh\n")}, "x.sh": {Data: append([]byte("#!/bin/sh\n"), fill("<<a ")...)}},
		"shells in shells":     {docker: {Data: []byte("FROM node:24\nCOPY x.sh /\nRUN /x.sh\n")}, "x.sh": {Data: append([]byte("#!/bin/sh\n"), fill("sh -c 'sh -c \"sh -c x\"'\n")...)}},
		"many patterns":        {docker: {Data: []byte("FROM node:24\nCOPY . .\n")}, ".dockerignore": {Data: fill("**/a*/**/b*\n")}},
		"documents in CI":      {pipeline.CircleFile: {Data: append([]byte("version: 2.1\njobs: {b: {steps: [{run: \""), append(fill("<<a "), []byte("\"}]}}\nworkflows: {w: {jobs: [b]}}\n")...)...)}},
		"a deep version.json":  {docker: {Data: []byte("FROM node:24\nCOPY version.json /app/\n")}, "version.json": {Data: fill("[")}},
		"many words in a line": {docker: {Data: []byte("FROM node:24\nCOPY " + strings.Repeat("a ", 30_000) + "/app/\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			sound(t, CheckRepo(t.Context(), files))
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A link that leads out of the repository is not followed, whichever file system serves it: what lies there would make
// the rule pass.
func TestLinksStayInside(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	write(t, filepath.Join(outside, docker), "FROM node:24-slim\nUSER app\n")
	for name, c := range map[string]struct {
		target string
		want   Status
	}{
		"absolute":  {filepath.Join(outside, docker), NotCheckable},
		"relative":  {"../../out", NotCheckable},
		"by a way":  {"docker/../../x", NotCheckable},
		"itself":    {docker, NotCheckable},
		"nowhere":   {"gone", NotCheckable},
		"inside":    {"docker/Dockerfile", Pass},
		"by a link": {"link/Dockerfile", Pass},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "docker", docker), "FROM node:24-slim\nUSER app\n")
		for link, target := range map[string]string{"link": "docker", docker: c.target} {
			if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
				t.Skip(err)
			}
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		for kind, files := range map[string]fs.FS{"os.DirFS": os.DirFS(dir), "os.Root": root.FS()} {
			results := CheckRepo(t.Context(), files)
			if got := of(t, results, "S3"); got.Status != c.want {
				t.Errorf("%s, %s: S3 is %s: %v %s", name, kind, got.Status, got.Findings, got.Note)
			}
			sound(t, results)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// Folders that tools fill are skipped, and the rest of a repository is read only up to a limit.
func TestLargeRepositories(t *testing.T) {
	t.Parallel()
	files := tree(t, "node")
	for i := range maxEntries + 10 {
		files[fmt.Sprintf("node_modules/p%d/.env", i)] = &fstest.MapFile{}
	}
	if got := of(t, CheckRepo(t.Context(), files), "S9"); got.Status != Pass {
		t.Errorf("with node_modules, S9 is %s: %s %d", got.Status, got.Note, len(got.Findings))
	}
	for i := range maxEntries + 10 {
		files[fmt.Sprintf("data/f%d", i)] = &fstest.MapFile{}
	}
	if got := of(t, CheckRepo(t.Context(), files), "S9"); got.Status != NotCheckable || !strings.Contains(got.Note, "too many") {
		t.Errorf("with data, S9 is %s: %s", got.Status, got.Note)
	}
}

func TestOtherNames(t *testing.T) {
	t.Parallel()
	files := tree(t, "node")
	files["docker/web.Dockerfile"] = files[docker]
	files["docker/web.Dockerfile.dockerignore"] = &fstest.MapFile{Data: []byte("version.json\n")}
	delete(files, docker)
	if got := of(t, CheckRepo(t.Context(), files), "S1"); got.Status != NotCheckable || !strings.Contains(got.Note, "docker/web.Dockerfile") {
		t.Errorf("S1 is %s: %s", got.Status, got.Note)
	}
	results := CheckRepoWith(t.Context(), files, Options{Dockerfile: "docker/web.Dockerfile"})
	want := []Finding{{"docker/web.Dockerfile.dockerignore", 1, "version.json is excluded"}}
	if got := of(t, results, "S5"); !slices.Equal(got.Findings, want) {
		t.Errorf("S5: %v", got.Findings)
	}
	for _, name := range []string{"gone", "../Dockerfile", "/etc/passwd"} {
		if got := of(t, CheckRepoWith(t.Context(), files, Options{Dockerfile: name}), "S1"); got.Status != Fail || got.Findings[0].Text != "there is no "+name {
			t.Errorf("%s: S1 is %s: %v", name, got.Status, got.Findings)
		}
	}
}

// A log may be endless, or hold a line that is: neither may fill the memory or the report.
func TestLongLogs(t *testing.T) {
	t.Parallel()
	v := CheckLog(io.MultiReader(strings.NewReader(goodLine+"\n"), io.LimitReader(endless{}, 8*maxLine), strings.NewReader("\n"+goodLine+"\n")))
	if want := []Finding{{"", 2, fmt.Sprintf("the line is longer than %d bytes", maxLine)}}; !slices.Equal(v.Findings, want) {
		t.Errorf("%v, want %v", v.Findings, want)
	}
	if line, err := readLine(bufio.NewReader(io.LimitReader(endless{}, 8*maxLine))); len(line) != maxLine+1 || err == nil {
		t.Errorf("%d bytes of a long line are kept: %v", len(line), err)
	}
	v = CheckLog(strings.NewReader(strings.Repeat("x\n", 1000)))
	if len(v.Findings) != maxFindings+1 || !strings.Contains(v.Findings[maxFindings].Text, "980 more of 1000") {
		t.Errorf("%d findings: %v", len(v.Findings), v.Findings[len(v.Findings)-1])
	}
	if v = CheckLog(strings.NewReader("\n\n")); v.Status != NotCheckable {
		t.Errorf("an empty log is %s", v.Status)
	}
	if v = CheckLog(io.MultiReader(strings.NewReader(goodLine), unreadable{})); v.Status != NotCheckable || !strings.Contains(v.Note, "cannot be read") {
		t.Errorf("a log that breaks off is %s: %s", v.Status, v.Note)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, strings.Repeat("x", len(p))), nil }

type unreadable struct{}

func (unreadable) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// The checks end soon and give a reason, whatever a server answers.
func TestBadServers(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"garbage":            "\x00\xff\r\n\r\n",
		"nothing":            "",
		"half a header":      "HTTP/1.1 200 OK\r\nContent-",
		"endless headers":    "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: "+strings.Repeat("b", 1000)+"\r\n", 3000),
		"a length that lies": "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n{",
		"a bad chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = conn.Write([]byte(answer))
					_ = conn.Close()
				}
			}()
			results := CheckLive(t.Context(), &Service{URL: "http://" + listener.Addr().String(), Client: NewClient(time.Second)})
			for _, r := range results {
				if r.live != nil && r.ID != "L3" && r.Status != Fail {
					t.Errorf("%s is %s", r.ID, r.Status)
				}
			}
			sound(t, results)
		})
	}
}

// sends writes a text again and again, until it cannot.
func sends(w io.Writer, text string) {
	for {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

// endlessServers never end what they answer.
var endlessServers = map[string]func(conn net.Conn){
	"no answer": func(net.Conn) {},
	"another protocol": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	},
	"a protocol's text": func(c net.Conn) {
		sends(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	},
	"interim answers":    func(c net.Conn) { sends(c, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") },
	"one interim answer": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n") },
	"headers": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		sends(c, "A: b\r\n")
	},
	"one header": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nA: ")
		sends(c, "b")
	},
	"a body": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		sends(c, "{")
	},
	"a body that stops": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") },
	"chunks": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		sends(c, "1\r\n{\r\n")
	},
	"the length of a chunk": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		sends(c, "0")
	},
	"trailers": func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
		sends(c, "A: b\r\n")
	},
	"answers": func(c net.Conn) { sends(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}") },
}

// serve answers each connection, and leaves it open until the test ends. It returns the address.
func serve(t *testing.T, answer func(conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	done := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-done
		for _, conn := range conns {
			conn.Close()
		}
	})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			go func() {
				_, _ = conn.Read(make([]byte, 4096))
				answer(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// An endless answer is read no longer than the client's limit, and not at all after the run has ended.
func TestEndlessServers(t *testing.T) {
	t.Parallel()
	const patience = time.Minute // for what takes a second, or no time at all
	for name, answer := range endlessServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, answer)
			ended := make(chan []Result, 1)
			go func() { ended <- CheckLive(t.Context(), &Service{URL: url, Client: NewClient(100 * time.Millisecond)}) }()
			select {
			case results := <-ended:
				sound(t, results)
			case <-time.After(patience):
				t.Fatal("it outlives its limit")
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(50*time.Millisecond, cancel)
			go func() { ended <- CheckLive(ctx, &Service{URL: url, Client: NewClient(10 * patience)}) }()
			select {
			case <-ended:
			case <-time.After(patience):
				t.Fatal("it outlives the run")
			}
		})
	}
}

// late answers no request in time, and remembers which paths were asked for.
type late struct{ asked []string }

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	l.asked = append(l.asked, r.URL.Path)
	return nil, os.ErrDeadlineExceeded
}

// A service that never answers is waited for once per endpoint, not once per request.
func TestHangingServerIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	l := &late{}
	CheckLive(t.Context(), &Service{URL: "http://127.0.0.1:1", Client: &http.Client{Transport: l}})
	if slices.Sort(l.asked); !slices.Equal(l.asked, slices.Sorted(slices.Values(endpoints))) {
		t.Errorf("asked for %v, want each of %v once", l.asked, endpoints)
	}
}

func TestBadURLs(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"", "127.0.0.1:8000", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://%zz/", "\x00"} {
		for _, r := range CheckLive(t.Context(), &Service{URL: u}) {
			if r.live != nil && r.ID != "L3" && (r.Status != Fail || !strings.Contains(r.Findings[0].Text, "want a URL")) {
				t.Errorf("%q: %s is %s: %v", u, r.ID, r.Status, r.Findings)
			}
		}
	}
}

// No answer may redirect the checks, and no proxy may see them.
func TestNothingIsSentElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request went elsewhere") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	CheckLive(t.Context(), &Service{URL: server.URL})
	if NewClient(time.Second).Transport.(answersOnly).Proxy != nil {
		t.Error("the client uses a proxy")
	}
}

// BuildKit suggests one of several similar instructions at random, which would break baselines.
func TestErrorsOfTheParserAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{docker: {Data: []byte("D\n")}}
	for range 20 {
		if got := of(t, CheckRepo(t.Context(), files), "S1").Findings[0].Text; got != "dockerfile parse error on line 1: unknown instruction: D" {
			t.Fatalf("got %q", got)
		}
	}
}

// crowd is a folder that has ever more files.
type crowd struct {
	fstest.MapFS
	given *int
}

func (c crowd) Open(name string) (fs.File, error) {
	f, err := c.MapFS.Open(name)
	if name != "data" || err != nil {
		return f, err
	}
	return crowded{f, c.given}, nil
}

type crowded struct {
	fs.File
	given *int
}

func (c crowded) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		return nil, errors.New("it would fill the memory")
	}
	*c.given += min(n, 100)
	info, err := c.Stat()
	return slices.Repeat([]fs.DirEntry{fs.FileInfoToDirEntry(info)}, min(n, 100)), err
}

func TestFoldersAreListedInBoundedMemory(t *testing.T) {
	t.Parallel()
	given := 0
	files := crowd{tree(t, "node"), &given}
	files.MapFS["data/x"] = &fstest.MapFile{}
	if got := of(t, CheckRepo(t.Context(), files), "S9"); got.Status != NotCheckable || !strings.Contains(got.Note, "too many") {
		t.Errorf("S9 is %s: %s", got.Status, got.Note)
	}
	if given > 2*maxEntries {
		t.Errorf("it read %d entries", given)
	}
	deep := tree(t, "node")
	deep[strings.Repeat("d/", maxFolders+1)+"x"] = &fstest.MapFile{}
	if got := of(t, CheckRepo(t.Context(), deep), "S9"); got.Status != NotCheckable || !strings.Contains(got.Note, "too many") {
		t.Errorf("with folders in folders, S9 is %s: %s", got.Status, got.Note)
	}
}
