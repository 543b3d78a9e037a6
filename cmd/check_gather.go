package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"

	"dockerflow/cmd/report"
	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/regular"
	"dockerflow/generator/tree"
)

// Time limits for a running service: to accept a connection, and to answer all requests.
const (
	reachLimit = 5 * time.Second
	liveLimit  = time.Minute
)

// checked is a run's report with the results that it is based on.
type checked struct {
	report.Check

	results []contract.Result
	ignored map[string]string // by rule
	known   contract.Baseline // the baseline's findings
}

// gather runs all requested checks and combines them in one report.
func (o *checkOptions) gather(ctx context.Context) (*checked, error) {
	c := &checked{Check: report.Check{Dir: o.dir, URL: o.url, Log: o.log, Image: o.image, Strict: o.strict}}
	var reports [][]contract.Result
	if o.dir != "" {
		results, err := o.repository(ctx, c)
		if err != nil {
			return nil, err
		}
		reports = append(reports, results)
	} else if err := o.readKnown(c, nil, ""); err != nil {
		return nil, err
	}
	for _, source := range []struct {
		given bool
		check func(context.Context) ([]contract.Result, error)
	}{{o.url != "", o.live}, {o.log != "", o.output}, {o.image != "", o.container}} {
		if !source.given {
			continue
		}
		results, err := source.check(ctx)
		if err != nil {
			return nil, err
		}
		reports = append(reports, results)
	}
	if err := ctx.Err(); err != nil {
		return nil, errChecking
	}
	c.results = contract.Combine(reports...)
	c.Accept(c.results, c.ignored, c.known)
	return c, nil
}

var errChecking = &failure.Error{Code: failure.Interrupted, Err: errors.New("interrupted")}

// repository checks the repository in the folder. With --fix, it applies fixes first.
func (o *checkOptions) repository(ctx context.Context, c *checked) ([]contract.Result, error) {
	files, closer, err := openRepository(o.env.FS, o.dir)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	config, err := readCheckConfig(files, filepath.Join(o.dir, tree.RecordFile))
	if err != nil {
		return nil, failure.New("under check, only ignore and baseline are allowed", "%w", err)
	}
	c.ignored = config.Ignore
	if err := o.readKnown(c, files, config.Baseline); err != nil {
		return nil, err
	}
	with := contract.Options{Dockerfile: o.file}
	results := contract.CheckRepoWith(ctx, files, with)
	if !o.fix {
		if o.format == report.Text {
			c.Fixable = fixable(ctx, files, with, results)
		}
		return results, nil
	}
	if err := o.applyFixes(ctx, c, files); err != nil {
		return nil, err
	}
	if o.dryRun {
		return results, nil
	}
	return contract.CheckRepoWith(ctx, files, with), nil
}

// openRepository opens a folder so that no link can lead out of it.
func openRepository(fsys tree.FS, dir string) (fs.FS, io.Closer, error) {
	info, err := fsys.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, failure.New("name the folder of a repository", "there is no folder %s", dir)
	case err != nil:
		return nil, nil, failure.New("name the folder of a repository", "%w", err)
	case !info.IsDir():
		return nil, nil, failure.New("name its folder: dockerflow check "+phrase.Folder(filepath.Dir(dir)), "%s is not a folder", dir)
	}
	if _, ok := fsys.(tree.Disk); ok {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, nil, failure.New("check its permissions", "%w", err)
		}
		if err := mayRead(root); err != nil {
			root.Close()
			return nil, nil, failure.New("check its permissions", "%s: %w", dir, err)
		}
		return regular.FS{Root: root}, root, nil
	}
	within, err := fsys.Within(dir)
	if err != nil {
		return nil, nil, failure.New("", "%w", err)
	}
	return afero.NewIOFS(within), within, nil
}

// mayRead returns an error if the folder cannot be read. It reads one entry only, because there may be a million.
func mayRead(root *os.Root) error {
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err = f.ReadDir(1); errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (o *checkOptions) validURL() error {
	if o.url == "" {
		return nil
	}
	const want = "want http:// or https://, a host, and optionally a port and a path"
	u, err := url.Parse(o.url)
	switch { // do not print a URL that may contain a password
	case strings.Contains(o.url, "@"):
		return failure.New("the endpoints must answer without a login", "--url contains a user or a password: remove it")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		hint := ""
		if err == nil && !strings.Contains(o.url, "://") {
			hint = "try --url " + phrase.Quote("http://"+o.url)
		}
		return failure.New(hint, "--url %q: %s", o.url, want)
	case u.RawQuery != "" || u.Fragment != "":
		return failure.New("", "--url %q: %s, without a query or fragment", o.url, want)
	}
	return nil
}

// live checks the service running at the URL.
func (o *checkOptions) live(ctx context.Context) ([]contract.Result, error) {
	u, err := url.Parse(o.url)
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	conn, err := (&net.Dialer{Timeout: reachLimit}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, failure.New("check that the service is running there", "--url %s: %w", o.url, reason(err))
	}
	conn.Close()
	limited, cancel := context.WithTimeout(ctx, liveLimit)
	defer cancel()
	return contract.CheckLive(limited, &contract.Service{URL: o.url}), nil
}

// reason strips a network error of the address that the message already has.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return fmt.Errorf("no connection within %v", reachLimit)
		}
		return op.Err
	}
	return err
}
