package template

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"name", "image", "max", "ci", "region", "template", "template_dir", "version", "alpha1", "alpha2"}
	for name, want := range map[string]string{
		"name": "name", "nmae": "name", "nme": "name", "nomen": "name", "names": "name", "NAME": "name", "maximum": "", "mxa": "max",
		"CI": "ci", "c i": "ci", "cc": "", "ic": "", "": "", "te": "", "tem": "template", "templatt": "template", "template_": "template", "template_di": "template_dir",
		"regoin": "region", "vresoin": "version", "reversion": "version", "inversions": "", "x": "", "alpha3": "alpha1",
		strings.Repeat("name", 1000): "", strings.Repeat("\xff", 100): "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%.20s: got %q, want %q", name, got, want)
		}
	}
	if got := Nearest("naem", nil); got != "" {
		t.Errorf("got %q of no names", got)
	}
}
