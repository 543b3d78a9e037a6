package image

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"dockerflow/generator/contract"
)

// statsd is where containers send metrics, if this machine can be reached from them.
type statsd struct {
	conn    net.PacketConn
	address netip.AddrPort
}

// statsdAddress listens on the machine's side of the containers' network.
func (r *run) statsdAddress(ctx context.Context) error {
	text, err := r.e.output(ctx, "container", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.Gateway}} {{end}}{{.NetworkSettings.Gateway}}", r.c.id)
	if err != nil {
		return ctx.Err() // without it the rule is not checked, which is said in the end
	}
	for gateway := range strings.FieldsSeq(text) {
		address, err := netip.ParseAddr(gateway)
		if err != nil || r.e.elsewhere() != "" {
			continue
		}
		conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp", netip.AddrPortFrom(address, 0).String())
		if err != nil {
			continue // the gateway is another machine's, such as a virtual one's
		}
		r.statsd.conn = conn
		r.statsd.address, err = netip.ParseAddrPort(conn.LocalAddr().String())
		r.seen.Statsd = r.statsd.address.String()
		return err
	}
	return nil
}

// env points a service to it, or to an address where nothing listens.
func (s *statsd) env() []string {
	if s.conn == nil {
		return nobody
	}
	return []string{"STATSD_HOST=" + s.address.Addr().String(), fmt.Sprintf("STATSD_PORT=%d", s.address.Port())}
}

// use makes requests that a service may count.
func (s *statsd) use(ctx context.Context, c *container) {
	client := contract.NewClient(answerTime)
	for range 3 {
		answers(ctx, client, c.found)
	}
}

// read reads what came until the service ended.
func (s *statsd) read(seen *contract.Observed) {
	if s.conn == nil {
		return
	}
	const most = 10_000
	packet := make([]byte, 1<<16)
	for seen.Packets < most {
		_ = s.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		size, _, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		seen.ReadMetrics(packet[:size])
	}
}

func (s *statsd) close() {
	if s.conn != nil {
		s.conn.Close()
	}
}
