package image

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// echoing is an engine that creates a container and then fails, and prints all of its input.
func echoing(t *testing.T, seen string) string {
	t.Helper()
	f := newFake(t)
	saved := filepath.Join(t.TempDir(), "saved.tar")
	out, err := os.Create(saved)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := f.save(out); err != nil {
		t.Fatal(err)
	}
	return command(t, "docker", `
case $1 in
image) echo sha256:1 ;;
info) echo '[]' ;;
save) cat `+saved+` ;;
ps) ;;
create)
  echo "ARGS $*" >> `+seen+`
  env >> `+seen+`.env
  echo "docker: in $*" >&2
  cat >&2
  echo "invalid argument" >&2
  exit 125 ;;
esac`)
}

// What the user gives to the service is neither in a command line nor in the engine's environment, and whatever the
// engine says of it is not told on.
func TestNoValueIsToldOn(t *testing.T) {
	t.Parallel()
	given := map[string]string{
		"DATABASE_URL": "postgres://me:hunter22@db/app?a=b&c=d", "TOKEN": "  two  spaces\tand a tab ", "QUOTED": `it's "quoted" \ é`,
		"PATH": "/nowhere/at/all", "HOME": "/not/your/home", "DOCKER_HOST": "tcp://192.0.2.1:2375", "LD_PRELOAD": "/evil/lib.so", "PIN": "7q",
	}
	var env []string
	for name, value := range given {
		env = append(env, name+"="+value)
	}
	seen := filepath.Join(t.TempDir(), "seen")
	results, err := Check(t.Context(), found(t, echoing(t, seen)), "hello", Options{Env: env, Patience: time.Second, pace: testPace})
	if err != nil {
		t.Fatal(err)
	}
	printed := ""
	for _, r := range results {
		printed += fmt.Sprintf("%s: %s %v\n", r.ID, r.Note, r.Findings)
	}
	args, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	environment, err := os.ReadFile(seen + ".env")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed, "invalid argument") || !strings.Contains(printed, "PIN=$PIN") || !strings.Contains(string(args), "ARGS create") {
		t.Fatalf("the engine was not heard: %s", printed)
	}
	for name, value := range given {
		for where, text := range map[string]string{"what is printed": printed, "the arguments": string(args), "the engine's environment": string(environment)} {
			for _, form := range []string{value, strings.TrimSpace(value), strings.Join(strings.Fields(value), " "), strings.Trim(strconv.Quote(value), `"`), url.QueryEscape(value)} {
				if len(form) >= least && strings.Contains(text, form) || strings.Contains(text, name+"="+value) {
					t.Errorf("%s has the value of %s: %s", where, name, text)
				}
			}
		}
	}
}

// A message is cut short, and what a service says is quoted: both still hide what was given.
func TestValuesAreHiddenInEveryForm(t *testing.T) {
	t.Parallel()
	const value = "hunter22 \"and\" more\nof a second line"
	v := &variables{}
	v.hide("KEY", value)
	v.hide("ON", "1")
	for in, want := range map[string]string{
		"a " + value + " b":                                     "a $KEY b",
		"says " + strconv.Quote(value):                          `says "$KEY"`,
		"one line: " + strings.Join(strings.Fields(value), " "): "one line: $KEY",
		"only of a second line":                                 "only $KEY",
		"cut: hunter22 \"an":                                    "cut: $KEY",
		"cut: hunter22 \"an…, and so on":                        "cut: $KEY…, and so on",
		"hunter22 \"else":                                       "hunter22 \"else",
		"exit status 1, ON=1":                                   "exit status 1, ON=$ON",
		"at " + url.QueryEscape(value):                          "at $KEY",
		"":                                                      "",
	} {
		if got := v.without(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := (*variables)(nil).without("as it is"); got != "as it is" {
		t.Errorf("without variables: %q", got)
	}
}

// What a service says when it does not start may be what it was given.
func TestServicesTellNoValueOn(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fault = "tells what it was given"
	results, err := f.check(Options{Env: []string{"DATABASE_URL=postgres://me:hunter22@db"}})
	got := fmt.Sprint(failures(results))
	if err != nil || !strings.Contains(got, "$DATABASE_URL") || strings.Contains(got, "hunter22") {
		t.Error(got, err)
	}
}

// A variable that is exported here can have any value: the engine has it already. It sets the environment, so it is not
// parallel.
func TestExportedVariables(t *testing.T) {
	t.Setenv("DATABASE_URL", "-----BEGIN KEY-----\nhunter22\n")
	f := newFake(t)
	f.fault = "wants a database"
	e, asked := f.engine(), ""
	inner := e.run
	e.run = func(ctx context.Context, c call) error {
		asked += strings.Join(c.args, " ") + "\n"
		return inner(ctx, c)
	}
	results, err := Check(t.Context(), e, "hello", Options{Env: []string{"DATABASE_URL"}, Patience: time.Second, pace: testPace})
	if got := failures(results); err != nil || len(got) > 0 {
		t.Error(got, err)
	}
	if strings.Contains(asked, "hunter22") || !strings.Contains(asked, "--env DATABASE_URL ") {
		t.Error(asked)
	}
	if e.vars != nil {
		t.Error("a later check would hide the variables of this one")
	}
	var failure *Failure
	_, err = newVariables([]string{"DATABASE_URL=a\nhunter22"})
	if !errors.As(err, &failure) || strings.Contains(err.Error()+failure.Hint, "hunter22") {
		t.Errorf("%v", err)
	}
}
