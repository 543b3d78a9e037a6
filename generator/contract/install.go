package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
)

// installs lists the commands that fetch dependencies, by tool.
var installs = []struct {
	tool  string
	words []string
}{
	{"npm", []string{"ci"}}, {"npm", []string{"install"}}, {"npm", []string{"i"}}, {"npm", []string{"clean-install"}},
	{"yarn", []string{"install"}}, {"yarn", []string{"add"}}, {"yarn", []string{"workspaces", "focus"}},
	{"pnpm", []string{"install"}}, {"pnpm", []string{"i"}}, {"pnpm", []string{"fetch"}}, {"pnpm", []string{"add"}},
	{"bun", []string{"install"}}, {"bun", []string{"add"}},
	{"pip", []string{"install"}}, {"pip3", []string{"install"}}, {"uv", []string{"sync"}}, {"uv", []string{"pip", "install"}},
	{"uv", []string{"pip", "sync"}}, {"uv", []string{"tool", "install"}}, {"pipx", []string{"install"}},
	{"poetry", []string{"install"}}, {"poetry", []string{"add"}}, {"pdm", []string{"install"}}, {"pdm", []string{"sync"}},
	{"pipenv", []string{"install"}}, {"pipenv", []string{"sync"}},
	{"go", []string{"mod", "download"}}, {"go", []string{"install"}}, {"cargo", []string{"fetch"}}, {"cargo", []string{"chef", "cook"}},
	{"cargo", []string{"install"}}, {"bundle", []string{"install"}}, {"bundler", []string{"install"}}, {"gem", []string{"install"}},
	{"composer", []string{"install"}}, {"mix", []string{"deps.get"}},
	{"apt-get", []string{"install"}}, {"apt", []string{"install"}}, {"apk", []string{"add"}}, {"dnf", []string{"install"}}, {"yum", []string{"install"}},
}

// installer returns the tool with which a command installs dependencies, or "".
func installer(c shell.Command) string {
	if len(c.Words) == 0 {
		return ""
	}
	if rest := asModule(c); rest != nil {
		return installer(shell.Command{Words: rest})
	}
	for _, i := range installs {
		if c.Is(i.tool, i.words...) {
			return i.tool
		}
	}
	if path.Base(c.Words[0]) == "yarn" && len(operands(c)) == 0 && !c.Has("--version", "-v") {
		return "yarn"
	}
	return ""
}

// asModule returns the command that python -m runs.
func asModule(c shell.Command) []string {
	if !strings.HasPrefix(path.Base(c.Words[0]), "python") {
		return nil
	}
	if i := slices.Index(c.Words, "-m"); i > 0 && i+1 < len(c.Words) {
		return c.Words[i+1:]
	}
	return nil
}

// operands are the words of a command that are no options. What an option takes counts too where nothing shows it.
func operands(c shell.Command) []string {
	return slices.DeleteFunc(slices.Clone(c.Words[1:]), func(w string) bool {
		return strings.HasPrefix(w, "-") || strings.HasPrefix(w, ">") || strings.HasPrefix(w, "2>")
	})
}

// ofProject reports whether an install reads its list from the project's files. Other installs name their packages and
// do not depend on the project.
func ofProject(c shell.Command) bool {
	if rest := asModule(c); rest != nil {
		c = shell.Command{Words: rest}
	}
	switch tool := installer(c); tool {
	case "apt-get", "apt", "apk", "dnf", "yum", "gem", "pipx":
		return false
	case "npm", "yarn", "pnpm", "bun":
		return !c.Has("-g", "--global", "global", "add") && (tool != "npm" || len(operands(c)) <= 1 || c.Has("ci"))
	case "pip", "pip3", "uv":
		if c.Is("uv", "sync") {
			return true
		}
		if c.Is("uv", "tool") {
			return false
		}
		return c.Has("-r", "--requirement", "--requirement=", "-e", "--editable", "--group", "--no-deps") ||
			slices.ContainsFunc(c.Words[1:], func(w string) bool {
				return w == "." || strings.HasPrefix(w, "./") || strings.HasPrefix(w, ".[") || strings.HasPrefix(w, "-r") || strings.HasSuffix(w, ".txt") || strings.HasSuffix(w, ".whl") || strings.HasPrefix(w, "/")
			})
	case "go":
		return !c.Is("go", "install") || !slices.ContainsFunc(c.Words, func(w string) bool { return strings.Contains(w, "@") })
	case "cargo":
		return !c.Is("cargo", "install") || c.Has("--path", "--path=")
	}
	return true
}

// caches reports whether a RUN keeps a folder in a cache mount.
func caches(s dockerfile.Step, folder string) bool {
	return s.Recall("caches "+folder, func() bool {
		return slices.ContainsFunc(s.Mounts(), func(m *instructions.Mount) bool {
			return m.Type == instructions.MountTypeCache && dockerfile.Within(folder, path.Clean(m.Target))
		})
	})
}
