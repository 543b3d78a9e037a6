package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"dockerflow/generator/contract"
)

// faultScript breaks what a running service does.
//
//go:embed fault.mjs
var faultScript []byte

// loads has the service start with a fault of the script.
func loads(fault string) string {
	return "COPY fault.mjs /fault.mjs\nENV FAULT=" + fmt.Sprintf("%q", fault) +
		"\nENTRYPOINT [\"node\", \"--import\", \"/fault.mjs\"]\nCMD [\"server.js\"]"
}

// asRoot does something at the build that the user may not.
func asRoot(commands string) string { return "USER root\nRUN " + commands + "\nUSER app" }

// faults are what is built on the good image, and the rules that it breaks.
var faults = []struct {
	dockerfile string
	rules      []string
}{
	{"", nil}, // the control
	{asRoot("mkdir /code && mv /app/node_modules /app/src /app/*.js /app/package.json /code/ && ln -s /app/version.json /code/") +
		"\nWORKDIR /code", []string{"S1"}},
	{asRoot("sed -i s/^app:x:10001/app:x:10002/ /etc/passwd") + "\nUSER 10001:10001", []string{"S2"}},
	{asRoot("sed -i s/^app:x:10001/app:x:10002/ /etc/group"), []string{"S2"}},
	{"USER root", []string{"S3", "L11"}},
	{"USER node", []string{"S3", "L11"}},
	{"ENTRYPOINT node server.js", []string{"S4", "L10"}}, // the shell does not pass the signal on
	{"ENTRYPOINT []\nCMD [\"node\", \"server.js\"]", []string{"S4"}},
	{asRoot("rm /app/version.json"), []string{"S5"}},
	{asRoot("echo '{\"version\": 1}' > /app/version.json"), []string{"S5", "L2"}},
	{asRoot("chown -R app /app"), []string{"S8"}},
	{asRoot("mkdir -m 777 /app/uploads"), []string{"S8"}},
	{loads("writes to its root"), []string{"S8"}},
	{asRoot("echo TOKEN=x > /app/.env"), []string{"S9"}},
	{asRoot("echo TOKEN=x > /app/.env") + "\n" + asRoot("rm /app/.env"), []string{"S9"}},
	{"ENV API_TOKEN=x", []string{"S9"}},
	{"ARG NPM_TOKEN=x\n" + asRoot("true"), []string{"S9"}},
	{"ENV PORT=8080", []string{"S10"}},
	{asRoot("cp /bin/true /usr/bin/gcc-14"), []string{"S13"}},
	{asRoot("mkdir -p /var/lib/apt/lists && touch /var/lib/apt/lists/deb_dists_trixie_InRelease") + "\n" +
		asRoot("rm -r /var/lib/apt/lists"), []string{"S13"}},
	{loads("ignores PORT"), []string{"L1"}},
	{loads("binds to 127.0.0.1"), []string{"L1"}},
	{"CMD [\"missing.js\"]", []string{"L1"}},
	{loads("another version"), []string{"L2"}},
	{loads("crashes without version.json"), []string{"L3"}},
	{loads("lbheartbeat 500"), []string{"L4"}},
	{loads("heartbeat 404"), []string{"L5"}},
	{loads("no HEAD"), []string{"L6"}},
	{loads("redirects"), []string{"L7"}},
	{loads("prints"), []string{"L8"}},
	{loads("dies of statsd"), []string{"L9"}},
	{loads("ignores SIGTERM"), []string{"L10"}},
	{loads("exits 1"), []string{"L10"}},
	{loads("wants new privileges"), []string{"L11"}},
	{loads("takes any PORT"), []string{"L12"}},
}

// selfTest builds and judges each of the faults.
func (c *check) selfTest(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.tree, "server.js")); err != nil {
		return errors.New("the self-test needs a Node project")
	}
	if _, _, err := buildImage(ctx, c.tree, "app"); err != nil {
		return err
	}
	dir := filepath.Join(c.work, "faults")
	err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "fault.mjs"), faultScript, 0o644))
	if err != nil {
		return err
	}
	problems := make([][]string, len(faults))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for n := range faults {
		group.Go(func() (err error) {
			problems[n], err = judgeFault(ctx, dir, n)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for n, fault := range faults {
		what := strings.Join(strings.Fields(fault.dockerfile), " ")
		c.report(strings.Join(fault.rules, ","), "is broken alone by: "+what, problems[n]...)
	}
	return nil
}

// sideBySide is how many faults are tried at a time. Most of what they take is waiting for containers.
const sideBySide = 4

// judgeFault builds and judges one of the faults.
func judgeFault(ctx context.Context, dir string, n int) ([]string, error) {
	variant := fmt.Sprintf("fault-%d", n)
	file := filepath.Join(dir, variant)
	text := "FROM " + tag + ":app\n" + faults[n].dockerfile + "\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	if _, _, err := buildImage(ctx, dir, variant, "--file", file); err != nil {
		return nil, err
	}
	results, err := judgeImage(ctx, tag+":"+variant, 15*time.Second)
	if err != nil {
		return nil, err
	}
	return differences(results, faults[n].rules), nil
}

// differences compares the rules that fail with those that should.
func differences(results []contract.Result, want []string) []string {
	var problems []string
	for _, r := range results {
		switch wanted := slices.Contains(want, r.ID); {
		case wanted && r.Status != contract.Fail:
			problems = append(problems, fmt.Sprintf("%s is %s %s", r.ID, r.Status, r.Note))
		case !wanted && r.Status == contract.Fail:
			problems = append(problems, fmt.Sprintf("%s fails: %s", r.ID, r.Findings[0].Text))
		}
	}
	return problems
}
