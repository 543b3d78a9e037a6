package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// look returns all that is below a folder. What is not there is empty.
func look(root string) (map[string]string, error) {
	found := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) && p == root {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var data []byte
		if info.Mode().IsRegular() {
			data, err = os.ReadFile(p)
		}
		found[strings.TrimPrefix(p, root)] = fmt.Sprintf("%v %s", info.Mode(), data)
		return err
	})
	return found, err
}
