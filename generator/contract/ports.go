package contract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// aLongTimeAgo as a deadline ends a read at once.
var aLongTimeAgo = time.Unix(1, 0)

// CheckPorts is L1 for one service that was started on several values of $PORT: it must listen on each.
func CheckPorts(ctx context.Context, services ...*Service) Verdict {
	var r report
	urls := map[string]bool{}
	for _, s := range services {
		urls[s.URL] = true
		if a, ok := r.get(ctx, s, "/__lbheartbeat__"); ok && a.code >= 500 {
			r.add("GET /__lbheartbeat__ at %s answers %d", s.shown(), a.code)
		}
	}
	if len(r) == 0 && len(urls) < 2 {
		return unknown("whether $PORT says where it listens takes a second port")
	}
	return judge(r, "")
}

// CheckStatsd is L9 for a service whose STATSD_HOST and STATSD_PORT lead to a socket: it reads packets until the context
// ends, and wants that there are some, and that all of them are metrics.
func CheckStatsd(ctx context.Context, socket net.PacketConn) Verdict {
	stop := context.AfterFunc(ctx, func() { _ = socket.SetReadDeadline(aLongTimeAgo) })
	defer stop()
	var r report
	packet := make([]byte, 64<<10)
	packets := 0
	for {
		n, _, err := socket.ReadFrom(packet)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil {
			return unknown("the socket cannot be read: " + err.Error())
		}
		packets++
		for _, problem := range CheckMetrics(packet[:n]) {
			if len(r) < maxFindings {
				r.add("%s", problem)
			}
		}
	}
	if packets == 0 {
		r.add("no packet came to the statsd socket")
	}
	v := judge(r, "")
	if v.Status == Pass {
		v.Note = fmt.Sprintf("%d packets; that it also works without statsd is not seen here", packets)
	}
	return v
}
