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
	packets int
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
		return err
	}
	return nil
}

// env leads a service there, or to where nobody listens.
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
func (s *statsd) read(r *contract.Faults) {
	if s.conn == nil {
		return
	}
	const most = 10_000
	packet := make([]byte, 1<<16)
	for ; s.packets < most; s.packets++ {
		_ = s.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		size, _, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		for _, p := range contract.CheckMetrics(packet[:size]) {
			r.Add("%s", p)
		}
	}
}

func (s *statsd) close() {
	if s.conn != nil {
		s.conn.Close()
	}
}

// verdict is L9. Where nothing came, a firewall may have stood between.
func (s *statsd) verdict(r contract.Faults) contract.Verdict {
	const works = "it works while STATSD_HOST is unset and where nobody listens, but "
	switch {
	case s.conn == nil:
		return r.Judge(works + "a container does not reach this machine, so that metrics are not seen")
	case s.packets == 0:
		return r.Judge(works + "no metric came to " + s.address.String() + ": a firewall may stand between")
	}
	v := r.Judge("")
	if v.Status == contract.Pass {
		v.Note = fmt.Sprintf("%d packets came", s.packets)
	}
	return v
}
