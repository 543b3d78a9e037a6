package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Service is a running service, as the live checks see it.
type Service struct {
	URL     string       // such as http://127.0.0.1:8000
	Client  *http.Client // nil for one that suits: it follows no redirects, and has a time limit
	Version []byte       // the content of its version.json; nil if unknown
	Missing bool         // it has no version.json: L3 is checked, and L2 is not

	once   sync.Once
	client *http.Client
	hung   map[string]error // nil, or the paths that timed out, which are not asked again
}

// target returns the URL of an endpoint.
func (s *Service) target(path string) (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("want a URL such as http://127.0.0.1:8000")
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + path
	u.RawPath, u.RawQuery, u.Fragment = "", "", ""
	return u.String(), nil
}

// Limits on a service's responses.
const (
	maxBody = 1 << 20
	patient = 5 * time.Second // also the short time that L5 asks for
)

// endpoints are the three of the contract.
var endpoints = []string{"/__version__", "/__heartbeat__", "/__lbheartbeat__"}

// answer is a response that was read.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

// isJSON reports whether the response has the content type JSON.
func (a answer) isJSON() bool {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// NewClient returns a client for probing: it follows no redirects, keeps no connections and uses no proxy.
func NewClient(limit time.Duration) *http.Client {
	return &http.Client{
		Timeout:       limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: answersOnly{&http.Transport{
			DialContext:            (&net.Dialer{Timeout: limit}).DialContext,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxBody,
		}},
	}
}

// answersOnly treats 101 Switching Protocols as a response without a body. Package net/http returns the connection in
// its place, which has no end and ignores the time limit and the context of the request.
type answersOnly struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t answersOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body.Close()
		resp.Body = http.NoBody
	}
	return resp, err
}

// ask makes a request and reads the answer. A header named Host sets the request's host.
func (s *Service) ask(ctx context.Context, method, path string, header ...string) (answer, error) {
	s.once.Do(func() {
		if s.client = s.Client; s.client == nil {
			s.client = NewClient(patient)
		}
	})
	target, err := s.target(path)
	if err != nil {
		return answer{}, err
	}
	if err := s.hung[path]; err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, method, target, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		if req.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return answer{}, s.late(path, plainly(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return answer{}, s.late(path, plainly(err))
	}
	if len(body) > maxBody {
		return answer{}, fmt.Errorf("the body is longer than %d bytes", maxBody)
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

var errLate = errors.New("no answer in time")

// late remembers a path that gave no answer in time.
func (s *Service) late(path string, err error) error {
	if s.hung != nil && errors.Is(err, errLate) {
		s.hung[path] = err
	}
	return err
}

// plainly removes net/http's own additions to an error.
func plainly(err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errLate
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// report collects the findings on a service.
type report []Finding

func (r *report) add(format string, args ...any) {
	*r = append(*r, Finding{Text: fmt.Sprintf(format, args...)})
}

// get requests a path, and reports a failure to answer.
func (r *report) get(ctx context.Context, s *Service, path string) (answer, bool) {
	a, err := s.ask(ctx, http.MethodGet, path)
	if err != nil {
		r.add("GET %s: %v", path, err)
	}
	return a, err == nil
}
