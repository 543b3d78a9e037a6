// Notices writes the licence notices of all that the program links, for `dockerflow version --notices`. It reads them
// from the module cache, and writes the same bytes for the same modules: go run ./.ci/notices
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const output = "cmd/notices.gz"

// systems are those that the program is built for: some modules are linked for one of them alone.
var systems = []string{"linux", "darwin", "windows"}

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("notices: ", err)
	}
}

func run() error {
	folders := map[string][]string{} // where a module, as a line names it, may have licences
	for _, system := range systems {
		if err := linked(system, folders); err != nil {
			return err
		}
	}
	goRoot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	folders["Go, its standard library and runtime"] = []string{strings.TrimSpace(string(goRoot))}
	users := map[string][]string{} // of a licence
	for _, module := range slices.Sorted(maps.Keys(folders)) {
		text, err := licences(folders[module])
		if err != nil {
			return fmt.Errorf("%s: %w", module, err)
		}
		users[text] = append(users[text], module)
	}
	data, err := pack(users)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d modules, %d licences, %d bytes\n", output, len(folders), len(users), len(data))
	return os.WriteFile(output, data, 0o644)
}

// linked adds the modules that the program links on a system. What stands for a module in this repository is its own.
func linked(system string, folders map[string][]string) error {
	c := exec.Command("go", "list", "-deps", "-json=Dir,Module", "./cmd/dockerflow")
	c.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return err
	}
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir    string
			Module *struct {
				Path, Version, Dir string
				Main               bool
				Replace            *struct{ Version string }
			}
		}
		err := list.Decode(&p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		m := p.Module
		if m == nil || m.Main || m.Replace != nil && m.Replace.Version == "" {
			continue
		}
		name := m.Path + " " + m.Version
		for dir := p.Dir; strings.HasPrefix(dir, m.Dir); dir = filepath.Dir(dir) {
			if !slices.Contains(folders[name], dir) {
				folders[name] = append(folders[name], dir)
			}
		}
	}
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|copyright)([-._].*)?$`)
	inReadme    = regexp.MustCompile(`(?ims)^#+ *licen[cs]e.*`) // with the author below
)

// licences are the texts of all licence files in folders, by path; or else what a README says.
func licences(folders []string) (string, error) {
	var all []string
	said := ""
	for _, dir := range slices.Sorted(slices.Values(folders)) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return "", err
		}
		for _, e := range entries {
			readme := e.Name() == "README.md"
			if !e.Type().IsRegular() || !readme && !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return "", err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n"))
			if readme {
				said = inReadme.FindString(text)
			} else {
				all = append(all, text)
			}
		}
	}
	switch {
	case len(all) > 0:
		return strings.Join(all, "\n\n"), nil
	case said != "":
		return said, nil
	}
	return "", errors.New("it has no licence file: look for its terms by hand")
}

// pack writes each licence once, below the modules that have it.
func pack(users map[string][]string) ([]byte, error) {
	parts := make([]string, 0, len(users))
	for text, modules := range users {
		var b strings.Builder
		for _, m := range modules {
			fmt.Fprintf(&b, "== %s\n", m)
		}
		fmt.Fprintf(&b, "\n%s\n\n", text)
		parts = append(parts, b.String())
	}
	slices.Sort(parts)
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, strings.Join(parts, "")); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
