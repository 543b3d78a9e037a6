package contract

import "testing"

func TestPointsKeepTheirVariables(t *testing.T) {
	t.Parallel()
	var now variables
	now.set("A", "1")
	before := now
	now.set("A", "2")
	now.set("B", "1")
	inner := now.inner()
	inner.set("A", "3")
	other := before // goes on from an earlier point
	other.set("B", "4")
	for _, test := range []struct {
		name string
		at   variables
		a, b string
	}{
		{"before", before, "1", ""},
		{"now", now, "2", "1"},
		{"inner", inner, "3", "1"},
		{"other", other, "1", "4"},
		{"inner without settings", now.inner().inner(), "2", "1"},
	} {
		if a, b := test.at.value("A"), test.at.value("B"); a != test.a || b != test.b {
			t.Errorf("%s: A is %q and B is %q, want %q and %q", test.name, a, b, test.a, test.b)
		}
	}
	if now.inner().point() != now.point() || before.point() == now.point() {
		t.Error("point does not tell environments apart by what is set")
	}
}

// A command sees what is set before it, and not what is set after it.
func TestCommandsSeeWhatIsSetBefore(t *testing.T) {
	t.Parallel()
	all := commandsWith(nil, "a\nexport A=1\nb\nA=2 c\nd\nsh -c 'A=3; e'\nf\n", variables{}, 0)
	got := ""
	for _, c := range all {
		got += c.words[0] + c.env.value("A") + " "
	}
	if want := "a export1 b1 c2 d1 sh1 e3 f1 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
