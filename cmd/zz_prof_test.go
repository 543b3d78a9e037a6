package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

func BenchmarkBatch(b *testing.B) {
	os.RemoveAll("/dev/shm/zz")
	for n := 0; b.Loop(); n++ {
		var s strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&s, "{\"name\": \"hello\", \"dir\": \"/dev/shm/zz/%d/%d\"}\n", n, i)
		}
		env := System()
		env.In, env.Out, env.Err, env.Config = strings.NewReader(s.String()), io.Discard, os.Stderr, ""
		if Run(context.Background(), []string{"new", "--template", "go", "--no-git", "--batch", "-"}, env) != 0 {
			b.Fatal("no")
		}
		b.StopTimer()
		os.RemoveAll(fmt.Sprintf("/dev/shm/zz/%d", n))
		b.StartTimer()
	}
}
