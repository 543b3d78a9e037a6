package main

import (
	"fmt"
	"net/http"
	"sync"
)

// request is what the service should log for one request.
type request struct {
	method, path string
	code         int
}

// recorder remembers the requests that were answered.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []request
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err == nil {
		r.mu.Lock()
		r.all = append(r.all, request{req.Method, req.URL.Path, resp.StatusCode})
		r.mu.Unlock()
	}
	return resp, err
}

// missingFrom compares the requests with those that were logged, whatever their order.
func (r *recorder) missingFrom(logged []request) (missing, extra []request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := map[request]int{}
	for _, l := range logged {
		count[l]++
	}
	for _, asked := range r.all {
		if count[asked]--; count[asked] < 0 {
			missing = append(missing, asked)
		}
	}
	for _, l := range logged {
		if count[l] > 0 {
			count[l]--
			extra = append(extra, l)
		}
	}
	return missing, extra
}

func (r request) String() string {
	return fmt.Sprintf("%s %s %d", r.method, r.path, r.code)
}
