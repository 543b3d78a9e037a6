//go:build !unix

package image

import (
	"io"
	"os"
	"os/exec"
)

func apart(*exec.Cmd) {}

// envFile is what the engine reads variables from: a file of the user's own, which is there until remove is called.
func envFile(text []byte) (path string, in io.Reader, remove func(), err error) {
	f, err := os.CreateTemp("", "dockerflow-*.env")
	if err != nil {
		return "", nil, nil, err
	}
	remove = func() { os.Remove(f.Name()) }
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		remove()
		return "", nil, nil, err
	}
	return f.Name(), nil, remove, nil
}
