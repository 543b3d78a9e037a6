package cmd

import (
	"fmt"
	"path/filepath"
	"strings"
)

// claims records the folders of rows. No two rows may use the same folder, or nested ones.
type claims struct {
	here  string
	used  map[string]int // row by folder, case-folded
	above map[string]int // row by each parent of its folder
}

// add records a row's folder, or returns how it conflicts with another row.
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

// oneCase folds case as case-insensitive file systems do. It uses upper case first, because beyond ASCII some lower-case
func oneCase(s string) string { return strings.ToLower(strings.ToUpper(s)) }
