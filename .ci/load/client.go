package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
	"unsafe"
)

// patience is how long a client waits for anything: longer than any answer takes, also on a busy machine.
const patience = 10 * time.Second

// client is one kept-alive connection.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (*client, error) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

// ask sends a request.
func (c *client) ask(path string) error {
	_ = c.SetDeadline(time.Now().Add(patience))
	_, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: service\r\nUser-Agent: load\r\n\r\n")
	return err
}

// silence is an end of the connection before any byte of an answer.
type silence struct{ error }

func (s silence) Unwrap() error { return s.error }

// answer reads a whole one, and reports whether it was the connection's last.
func (c *client) answer() (last bool, err error) {
	if _, err := c.in.Peek(1); err != nil {
		return true, silence{err}
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err != nil {
		return true, fmt.Errorf("after %d bytes of the body: %w", n, err)
	}
	if resp.StatusCode != http.StatusOK {
		return true, fmt.Errorf("answered %s", resp.Status)
	}
	return resp.Close, nil
}

// wasRead reports whether the service had read all that was sent before it closed the connection. Linux acknowledges no byte
// that comes after a close, and resets a connection that is closed with bytes unread: what was acknowledged and ended in
// order was read.
func (c *client) wasRead(err error) bool {
	const closeWait, state, unacknowledged = 8, 0, 24 // of struct tcp_info
	if !errors.Is(err, io.EOF) {
		return false
	}
	raw, err := c.Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return false
	}
	info := make([]byte, 104)
	size := uint32(len(info))
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
			uintptr(unsafe.Pointer(&info[0])), uintptr(unsafe.Pointer(&size)), 0)
	})
	return err == nil && failed == 0 && info[state] == closeWait && binary.NativeEndian.Uint32(info[unacknowledged:]) == 0
}

// get asks on a connection of its own.
func get(address, path string) error {
	c, err := dial(address)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.ask(path); err != nil {
		return err
	}
	_, err = c.answer()
	return err
}
