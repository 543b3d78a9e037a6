package contract

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"dockerflow/generator/budget"
)

// repository is files by their paths, beside a Dockerfile.
func repository(dockerfile string, more ...string) fstest.MapFS {
	files := fstest.MapFS{docker: {Data: []byte(dockerfile)}}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	return files
}

// instruction returns an instruction with n numbered arguments, on as many lines as the parser needs.
func instruction(name string, n int, format string) string {
	var b strings.Builder
	b.WriteString(name)
	for i := range n {
		b.WriteByte(' ')
		fmt.Fprint(&b, numbered(format, i))
		if i%2000 == 1999 && i+1 < n {
			b.WriteString(" \\\n")
		}
	}
	return b.String() + "\n"
}

// numbered puts a number into a text, if there is a place for it.
func numbered(format string, i int) string { return strings.ReplaceAll(format, "%d", fmt.Sprint(i)) }

// chained are stages that are based on each other, each with the same steps. In these, %d is the number of the stage
// below.
func chained(n int, steps string) string {
	var b strings.Builder
	b.WriteString("FROM node:24 AS s0\n")
	for i := range n {
		b.WriteString(numbered("FROM s%d AS ", i) + numbered("s%d\n", i+1) + numbered(steps, i))
	}
	return b.String()
}

func shellScript(text string) string { return "#!/bin/sh\n" + text }

// withSource is a repository with n files of source.
func withSource(files fstest.MapFS, n int) fstest.MapFS {
	for i := range n {
		files[fmt.Sprintf("src/d%d/f%d.js", i%10, i)] = &fstest.MapFile{}
	}
	return files
}

const runsScript = "FROM node:24\nCOPY x.sh /\n"

// costlyDockerfiles are repositories of which each took from half a minute to hours, or gigabytes. A rule says what becomes
// of it.
func costlyDockerfiles() map[string]struct {
	files      fstest.MapFS
	rule, says string
} {
	const (
		reading = "reading Dockerfile takes more than"
		steps   = reading + " 2000000 steps"
		bytes   = reading + " 33554432 bytes"
		judging = "judging it takes more than 2000000 steps"
	)
	return map[string]struct {
		files      fstest.MapFS
		rule, says string
	}{
		"variables of many steps": {repository("FROM node:24\n" + instruction("ENV", 60_000, "A%d=x") + strings.Repeat("RUN a\n", 900)), "S3", "no USER"},
		"secrets":                 {repository("FROM node:24\n" + instruction("ENV", 50_000, "A%d_TOKEN=x")), "S9", "and 49900 more"},
		"variables that grow":     {repository("FROM node:24\nENV A=" + strings.Repeat("x", 1000) + "\n" + instruction("ENV", 50_000, "B%d=$A$A")), "S3", steps},
		"a script of many runs":   {repository(runsScript+strings.Repeat("RUN /x.sh\n", 900), "x.sh", shellScript(strings.Repeat("echo a b c d e f\n", 60_000))), "S2", "nothing creates user app"},
		"a script of other runs":  {repository(runsScript+strings.Repeat("RUN /x.sh\nENV A=b\n", 450), "x.sh", shellScript(strings.Repeat("echo a b c d e f\n", 60_000))), "S2", judging},
		"chained stages":          {repository(chained(98, "RUN npm ci\n"+strings.Repeat("COPY --from=s%d /x /x\n", 7)) + "RUN /x/y.sh\n"), "S2", "may create user app"},
		"chained stages of many":  {repository(chained(98, "RUN "+strings.Repeat("npm ci;", 300)+"\n") + strings.Repeat("COPY --from=s90 /app /app\n", 90)), "S13", "npm's cache stays"},
		"long patterns":           {withSource(repository("FROM node:24\nCOPY src .\nRUN npm ci\n", ".dockerignore", strings.Repeat(strings.Repeat("*a", 480)+"\n", 990)+"**/*.js\n"), 2000), "S7", steps},
		"many comments":           {repository("FROM node:24\nCOPY . .\n", ".dockerignore", strings.Repeat("#\n", 500_000)), "S9", ".env would be copied"},
		"many sources":            {repository("FROM node:24\n" + instruction("COPY", 400_000, "a") + "USER app\n"), "S3", bytes},
		"sources and commands":    {repository("FROM node:24 AS a\n" + strings.Repeat("RUN npm ci;npm ci;npm ci\n", 400) + "FROM node:24\n" + instruction("COPY --from=a", 40_000, "/a%d /app/") + "USER app\n"), "S8", judging},
		"sources of two stages":   {repository("FROM node:24 AS a\n" + instruction("COPY", 40_000, "a%d") + "FROM node:24\n" + instruction("COPY --from=a", 40_000, "b%d") + "USER app\n"), "S3", ""},
		"sources with wildcards":  {withSource(repository("FROM node:24\n"+instruction("COPY", 40_000, "a%d*")+"RUN npm ci\nUSER app\n"), 2000), "S7", judging},
		"a here document":         {repository("FROM node:24\nRUN <<E\n" + strings.Repeat("\n", 1_000_000) + "E\n"), "S3", reading},
		"nested substitutions":    {repository("FROM node:24\nCOPY <<a \\\n" + strings.Repeat("${a:-\\\n", 100_000) + strings.Repeat("}\\\n", 100_000) + "\n"), "S3", reading},
		"nested and broken":       {repository("FROM node:24\nCOPY <\\\n< \\\n" + strings.Repeat("$\\\n{a:-\\\n", 30_000) + strings.Repeat("}\\\n", 30_000) + "\n"), "S3", steps},
		"broken instructions":     {repository("FROM node:24\n" + strings.Repeat("ONBU\\\nILD \\\n", 50_000) + "RUN a\n"), "S3", steps},
		"nested instructions":     {repository("FROM node:24\n" + strings.Repeat("ONBUILD \\\n", 100_000) + "RUN a\n"), "S3", steps},
		"replaced patterns":       {repository("FROM node:24\nENV A=" + strings.Repeat("x", 1000) + "\n" + strings.Repeat("ENV B=${A//"+strings.Repeat("*x", 300)+"/y}\n", 900)), "S3", steps},
		"a long name":             {repository(runsScript+"RUN /x.sh\n", "x.sh", shellScript("echo $"+strings.Repeat("a", 1_000_000)+"\n")), "S2", "nothing creates user app"},
		"open braces":             {repository(runsScript+"RUN /x.sh\n", "x.sh", shellScript("echo "+strings.Repeat("${", 500_000)+"\n")), "S2", "nothing creates user app"},
		"many here documents":     {repository(runsScript+"RUN /x.sh\n", "x.sh", shellScript("cat "+strings.Repeat("<<a ", 250_000)+"\na\n")), "S2", "nothing creates user app"},
		"words that grow":         {repository(runsScript+"RUN /x.sh\n", "x.sh", shellScript("A="+strings.Repeat("x", 1000)+"\necho \""+strings.Repeat("$A", 400_000)+"\"\n")), "S2", "judging it takes more than 33554432 bytes"},
		"many packages":           {repository("FROM node:24\nRUN apt-get install " + instruction("", 140_000, "make")), "S13", "make stays in the image"},
		"copies in copies":        {repository(chained(98, strings.Repeat("COPY --from=s%d /x /x/x /x/x/x / /x/\n", 9)) + "RUN /x/x/x/x.sh\n"), "S2", "may create user app"},
		"a long folder":           {repository("FROM node:24\nWORKDIR /a" + strings.Repeat("/a", 30_000) + "\nRUN " + instruction("", 10_000, "a") + "COPY . .\nUSER app\n"), "S3", ""},
	}
}

// Each took minutes or gigabytes. What is too much is not checkable, and the rest is judged. It does not run beside other
// tests, whose memory would count.
//
//nolint:paralleltest // see above
func TestCostOfDockerfiles(t *testing.T) {
	for name, c := range costlyDockerfiles() {
		t.Run(name, func(t *testing.T) {
			for path, f := range c.files {
				if len(f.Data) > MaxFile {
					t.Fatalf("%s has %d bytes and is not read at all", path, len(f.Data))
				}
			}
			var results []Result
			bounded(t, func() { results = CheckRepo(t.Context(), c.files) })
			sound(t, results)
			v := of(t, results, c.rule)
			if got := fmt.Sprint(v.Findings) + v.Note; !strings.Contains(got, c.says) {
				t.Errorf("%s is %s: %s, want %q", c.rule, v.Status, got, c.says)
			}
		})
	}
}

// growing are repositories of which a part grows with n, and nothing may grow faster.
func growing() map[string]func(n int) fstest.MapFS {
	one := func(format string) func(n int) fstest.MapFS {
		return func(n int) fstest.MapFS {
			return repository("FROM node:24\nCOPY . .\nRUN " + instruction("", n, format) + "USER app\n")
		}
	}
	return map[string]func(n int) fstest.MapFS{
		"variables": func(n int) fstest.MapFS {
			return repository("FROM node:24\n" + instruction("ENV", n, "A%d=$A1") + strings.Repeat("ENV B=x\nRUN a\n", 100))
		},
		"arguments": func(n int) fstest.MapFS {
			return repository(instruction("ARG", n, "A%d=x") + "FROM node:24\n" + instruction("ARG", n, "A%d"))
		},
		"secrets": func(n int) fstest.MapFS { return repository("FROM node:24\n" + instruction("ENV", n, "A%d_KEY=x")) },
		"sources": func(n int) fstest.MapFS {
			return repository("FROM node:24\n" + instruction("COPY", n, "a%d") + "USER app\n")
		},
		"sources of an account": func(n int) fstest.MapFS {
			return repository("FROM node:24\n" + strings.TrimSuffix(instruction("COPY", n, "a%d"), "\n") + " /etc/\n")
		},
		"sources of two stages": func(n int) fstest.MapFS {
			return repository("FROM node:24 AS a\n" + instruction("COPY", n, "a%d") + "FROM node:24\n" + instruction("COPY --from=a", n, "b%d"))
		},
		"exclusions": func(n int) fstest.MapFS {
			return withSource(repository("FROM node:24\n"+strings.TrimSpace(instruction("COPY", n, "--exclude=a%d"))+" . /app\n"), 10)
		},
		"mounts":             one("--mount=type=cache,target=/a%d"),
		"commands":           one("a%d;"),
		"installs":           one("npm ci;"),
		"installs of others": one("apt-get install x;"),
		"packages":           one("apt-get install make;"),
		"modules":            one("python -m"),
		"users":              one("useradd app;"),
		"owners":             one("chown app /app;"),
		"assignments":        one("A%d=1;"),
		"own assignments":    one("A%d=1 x;"),
		"uses":               one("export A%d=$A1;"),
		"shells":             one("sh -c \"A=%d;x $A\";"),
		"accounts":           one("echo app:x:%d >> /etc/passwd;"),
		"scripts":            one("/a%d.sh;"),
		"here documents": func(n int) fstest.MapFS {
			return repository(runsScript+"RUN /x.sh\n", "x.sh", shellScript(instruction("cat", n, "<<a")+strings.Repeat("a\n", n)))
		},
		"a script": func(n int) fstest.MapFS {
			return repository(runsScript+strings.Repeat("RUN /x.sh\n", 100), "x.sh", shellScript(linesOf(10*n, "useradd a%d")))
		},
		"an entry point": func(n int) fstest.MapFS {
			return repository(runsScript+"ENTRYPOINT [\"/x.sh\"]\n", "x.sh", shellScript(linesOf(n, "useradd a%d")))
		},
		"commands of chained stages": func(n int) fstest.MapFS {
			return repository("FROM node:24 AS s0\nRUN " + instruction("", n, "npm ci;") + strings.TrimPrefix(chained(20, "RUN a\n"), "FROM node:24 AS s0\n") +
				linesOf(20, "COPY --from=s%d /app /app"))
		},
		"stages": func(n int) fstest.MapFS {
			return repository(chained(n/40, "COPY a b\nRUN npm ci\n") + "COPY --from=s1 /app /app\n")
		},
		"patterns": func(n int) fstest.MapFS {
			return withSource(repository("FROM node:24\nCOPY src .\nRUN npm ci\n", ".dockerignore", linesOf(n/4, "a%d*")+"**/*.js\n"), 100)
		},
		"ignored files": func(n int) fstest.MapFS {
			return withSource(repository("FROM node:24\nCOPY src .\nRUN npm ci\n", ".dockerignore", "**/*.js\n"), n/2)
		},
		"files": func(n int) fstest.MapFS {
			return withSource(repository("FROM node:24\n"+linesOf(50, "COPY src/d%d .")+"RUN npm ci\n"), n)
		},
	}
}

// Twice as much of anything may cost twice the steps and the memory, and a bit for what grows in leaps. It does not run
// beside other tests, whose memory would count.
//
//nolint:paralleltest // see above
func TestCostGrowsLinearly(t *testing.T) {
	for name, sample := range growing() {
		t.Run(name, func(t *testing.T) {
			const n = 1000
			judgeAll(t, sample(n)) // compiles the patterns
			steps, memory := judgeAll(t, sample(n))
			steps2, memory2 := judgeAll(t, sample(2*n))
			if steps2 > 5*steps/2 {
				t.Errorf("%d steps became %d", steps, steps2)
			}
			if memory2 > 5*memory/2 {
				t.Errorf("%d bytes became %d", memory, memory2)
			}
		})
	}
}

// judgeAll returns the steps and the memory that it takes to judge a repository, with no limit.
func judgeAll(t *testing.T, files fstest.MapFS) (steps int, memory uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := &repo{files: files, name: docker, budget: budget.New(t.Context(), budget.Limits{})}
	r.readDocker(Options{})
	if r.broken != nil {
		t.Fatal(r.broken.Text)
	}
	for _, rule := range Rules {
		if rule.repo != nil {
			rule.repo(r)
		}
	}
	runtime.ReadMemStats(&after)
	return r.budget.Used().Steps, after.TotalAlloc - before.TotalAlloc
}
