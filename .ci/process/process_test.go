package process

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A port that one process was given, and does not listen on at the moment, must not be given to another.
func TestFreePortIsClaimed(t *testing.T) {
	t.Parallel()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("GIVE_A_PORT") != "" {
		fmt.Println(port)
		return
	}
	if l, err := net.Listen("unix", fmt.Sprintf("@dockerflow-port-%d", port)); err == nil {
		l.Close()
		t.Errorf("port %d is free for others", port)
	}
	// Another process gets one, and releases it when it ends.
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestFreePortIsClaimed$")
	c.Env = append(os.Environ(), "GIVE_A_PORT=1")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	other, _, _ := strings.Cut(string(out), "\n")
	l, err := net.Listen("unix", "@dockerflow-port-"+other)
	if err != nil {
		t.Fatalf("port %q is still claimed: %v", other, err)
	}
	l.Close()
}
