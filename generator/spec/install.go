package spec

import (
	"path"
	"slices"
	"strings"
)

// installs are the commands that fetch dependencies, by the tool that they belong to.
var installs = []struct {
	tool  string
	words []string
}{
	{"npm", []string{"ci"}}, {"npm", []string{"install"}}, {"npm", []string{"i"}},
	{"yarn", []string{"install"}}, {"pnpm", []string{"install"}}, {"pnpm", []string{"fetch"}}, {"bun", []string{"install"}},
	{"pip", []string{"install"}}, {"pip3", []string{"install"}}, {"uv", []string{"sync"}}, {"uv", []string{"pip", "install"}},
	{"poetry", []string{"install"}}, {"pipenv", []string{"install"}}, {"pipenv", []string{"sync"}},
	{"go", []string{"mod", "download"}}, {"cargo", []string{"fetch"}}, {"bundle", []string{"install"}},
	{"composer", []string{"install"}}, {"apt-get", []string{"install"}}, {"apt", []string{"install"}}, {"apk", []string{"add"}},
}

// installer names the tool with which a command installs dependencies. It is empty for other commands.
func installer(c command) string {
	for _, i := range installs {
		if c.is(i.tool, i.words...) {
			return i.tool
		}
	}
	if len(c.words) == 1 && path.Base(c.words[0]) == "yarn" {
		return "yarn"
	}
	if len(c.words) > 3 && strings.HasPrefix(path.Base(c.words[0]), "python") && slices.Equal(c.words[1:4], []string{"-m", "pip", "install"}) {
		return "pip"
	}
	return ""
}
