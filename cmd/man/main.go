// Man writes the manual pages of all commands to a folder: go run ./cmd/man DIR
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/spf13/cobra/doc"

	"dockerflow/cmd"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run ./cmd/man DIR")
	}
	if err := write(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func write(dir string) error {
	root, err := cmd.Root(context.Background(), cmd.System(), nil)
	if err != nil {
		return err
	}
	root.DisableAutoGenTag = true
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	date := time.Unix(0, 0) // a fixed date makes the pages reproducible
	return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "dockerflow " + cmd.Version, Manual: "Dockerflow", Date: &date}, dir)
}
