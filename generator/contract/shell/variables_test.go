package shell

import "testing"

func TestPointsKeepTheirVariables(t *testing.T) {
	t.Parallel()
	var now Variables
	now.Set("A", "1")
	before := now
	now.Set("A", "2")
	now.Set("B", "1")
	inner := now.Inner()
	inner.Set("A", "3")
	other := before // goes on from an earlier point
	other.Set("B", "4")
	for _, test := range []struct {
		name string
		at   Variables
		a, b string
	}{
		{"before", before, "1", ""},
		{"now", now, "2", "1"},
		{"inner", inner, "3", "1"},
		{"other", other, "1", "4"},
		{"inner without settings", now.Inner().Inner(), "2", "1"},
	} {
		if a, b := test.at.Value("A"), test.at.Value("B"); a != test.a || b != test.b {
			t.Errorf("%s: A is %q and B is %q, want %q and %q", test.name, a, b, test.a, test.b)
		}
	}
	if now.Inner().Point() != now.Point() || before.Point() == now.Point() {
		t.Error("point does not tell environments apart by what is set")
	}
}

// A command sees what is set before it, and not what is set after it.
func TestCommandsSeeWhatIsSetBefore(t *testing.T) {
	t.Parallel()
	all := Commands(nil, "a\nexport A=1\nb\nA=2 c\nd\nsh -c 'A=3; e'\nf\n", Variables{}, 0)
	got := ""
	for _, c := range all {
		got += c.Words[0] + c.Env.Value("A") + " "
	}
	if want := "a export1 b1 c2 d1 sh1 e3 f1 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
