package cmd

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
)

// noticesFile contains the licences of all linked modules, compressed. `go run ./.ci/notices` writes it.
//
//go:embed notices.gz
var noticesFile string

// notices returns the licences. It decompresses them on demand.
func notices() (string, error) {
	r, err := gzip.NewReader(strings.NewReader(noticesFile))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
