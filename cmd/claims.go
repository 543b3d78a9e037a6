package cmd

import (
	"fmt"
	"path/filepath"
	"strings"
)

// claims are the folders of rows: no two rows may use one, or one inside another's.
type claims struct {
	here  string
	used  map[string]int // row by folder, in one case
	above map[string]int // row by each folder above its own
}

// add notes a row's folder, or tells what other row it would get in the way of.
func (c *claims) add(row int, dir string) string {
	if c.used == nil {
		c.used, c.above = map[string]int{}, map[string]int{}
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(c.here, dir)
	}
	dir = oneCase(filepath.Clean(dir))
	if other, ok := c.used[dir]; ok {
		return fmt.Sprintf("is also the folder of row %d", other)
	}
	if other, ok := c.above[dir]; ok {
		return fmt.Sprintf("contains the folder of row %d", other)
	}
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		if other, ok := c.used[up]; ok {
			return fmt.Sprintf("is inside the folder of row %d", other)
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	c.used[dir] = row
	for up := filepath.Dir(dir); c.above[up] == 0; up = filepath.Dir(up) {
		c.above[up] = row
	}
	return ""
}

// oneCase makes one of all that some file systems do not tell apart. Beyond ASCII, some small letters share a capital.
func oneCase(s string) string { return strings.ToLower(strings.ToUpper(s)) }
