package cmd

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
)

// noticesFile has the licences of all modules that the program links. `go run ./.ci/notices` writes it.
//
//go:embed notices.gz
var noticesFile string

// notices unpacks them, which only who asks for them waits for.
func notices() (string, error) {
	r, err := gzip.NewReader(strings.NewReader(noticesFile))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
