package contract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       Config
	}{
		{"an empty file", " \n", Config{}},
		{"comments alone", "# nothing\n", Config{}},
		{"a record without it", "template: go\nversion: 1\nanswers:\n  name: x\n", Config{}},
		{"nothing in it", "check:\n", Config{}},
		{"both", "template: go\ncheck:\n  ignore:\n    S6: The base is\n      our own.\n    L8: '2026: soon'\n  baseline: .dockerflow-baseline.json\n",
			Config{map[string]string{"S6": "The base is our own.", "L8": "2026: soon"}, ".dockerflow-baseline.json"}},
		{"nothing is ignored", "check:\n  ignore:\n", Config{Ignore: map[string]string{}}},
	} {
		got, err := ReadConfig([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestConfigIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- check\n":                                 "1:1: the file: want key: value, one on each line",
		"check: [S6]\n":                             "1:8: check: want key: value, one on each line",
		"check:\n  ingore:\n    S6: x\n":            `2:3: unknown key "ingore" in check: want ignore or baseline`,
		"check:\n  ignore: [S6]\n":                  "2:11: check.ignore: want a reason for each rule, such as S6: we use our own base image",
		"a: 1\ncheck:\n  ignore:\n    S66: x\n":     `4:5: check.ignore: unknown rule "S66"`,
		"check:\n  ignore:\n    S6:\n":              "3:5: check.ignore: S6 has no reason: say why the project does not keep it",
		"check:\n  ignore:\n    S6: ' '\n":          "3:5: check.ignore: S6 has no reason: say why the project does not keep it",
		"check:\n  ignore:\n    S6: {why: x}\n":     "3:5: check.ignore: S6 has no reason: say why the project does not keep it",
		"check:\n  ignore:\n    S6: a\n    S6: b\n": `4:5: check.ignore: duplicate key "S6"`,
		"check:\n  baseline: [a]\n":                 "2:13: check.baseline: want a file path",
		"check:\n  baseline:\n":                     "2:12: check.baseline: want a file path",
	} {
		if _, err := ReadConfig([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"check: {", "a: b: c", "check: *a\n", "\x00", "check: &a [*a]\n"} {
		if _, err := ReadConfig([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzReadConfig(f *testing.F) {
	f.Add([]byte("template: go\ncheck:\n  ignore:\n    S6: x\n  baseline: b.json\n"))
	f.Add([]byte("check: &a {ignore: *a}\n<<: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ReadConfig(data)
		for rule, reason := range c.Ignore {
			if err == nil && (Only(rule, Verdict{}) == nil || reason == "") {
				t.Errorf("ignores %q because of %q", rule, reason)
			}
		}
	})
}
