package template

import (
	"strings"
	"testing"

	"github.com/Masterminds/sprig/v3"
	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template/templatetest"
)

func TestEveryAllowedFunctionIsThere(t *testing.T) {
	t.Parallel()
	all := sprig.HermeticTxtFuncMap()
	got := functions()
	for _, name := range fromSprig {
		if all[name] == nil || got[name] == nil {
			t.Errorf("%s: sprig has %v, a template has %v", name, all[name], got[name])
		}
	}
	if want := len(fromSprig) + 9; len(got) != want {
		t.Errorf("got %d functions, want %d: those of sprig, three of our own and six of text/template", len(got), want)
	}
}

// Functions that read the machine, the clock or random data, use the network, create keys, or allocate without limit.
func TestDangerousFunctionsCannotBeCalled(t *testing.T) {
	t.Parallel()
	dangerous := strings.Fields(`
		ago bcrypt buildCustomCert date dateInZone dateModify date_in_zone date_modify decryptAES derivePassword duration
		durationRound encryptAES env expandenv fail genCA genCAWithKey genPrivateKey genSelfSignedCert
		genSelfSignedCertWithKey genSignedCert genSignedCertWithKey getHostByName htmlDate htmlDateInZone htpasswd keys
		mustDateModify mustToDate must_date_modify now randAlpha randAlphaNum randAscii randBytes randInt randNumeric
		repeat seq set shuffle toDate unixEpoch unset until untilStep uuidv4 values`)
	all := sprig.TxtFuncMap()
	for _, name := range dangerous {
		if _, ok := functions()[name]; ok {
			t.Errorf("%s is a function", name)
		}
		delete(all, name)
	}
	for _, name := range append(fromSprig, "quote", "list") {
		if _, ok := all[name]; !ok {
			t.Errorf("%s is allowed but dangerous", name)
		}
		delete(all, name)
	}
	for name := range all { // functions that are neither allowed nor known to be dangerous
		if _, ok := functions()[name]; ok {
			t.Errorf("%s is a function but not allowed", name)
		}
	}
	for _, name := range dangerous {
		if _, err := renderText("x", "<% "+name+" %>", nil); err == nil || !strings.Contains(err.Error(), "not defined") {
			t.Errorf("%s: got %v, want it to be unknown", name, err)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"a plain text", "a b", `"a b"`},
		{"quotes and backslashes, and nothing else, are escaped", `"'` + "`" + `\/<>&$%{}#`, `"\"'` + "`" + `\\/<>&$%{}#"`},
		{"non-ASCII text stays readable", "é 猫 👩\u200d💻", "\"é 猫 👩\u200d💻\""},
		{"nothing", "", `""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Quote(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("literal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"a plain text is left alone", "A service, which does this: it's \"good\"; 50% / 2 = 1 ^ ?", "A service, which does this: it's \"good\"; 50% / 2 = 1 ^ ?"},
		{"emphasis", "*a* __b__ ~~c~~", `\*a\* \_\_b\_\_ \~\~c\~\~`},
		{"code", "`a`", "\\`a\\`"},
		{"an HTML tag and an entity", "<b>&amp;", `\<b\>\&amp;`},
		{"a link and an image", "![a](b) [c]", `\!\[a\]\(b\) \[c\]`},
		{"a heading, a list and a numbered one", "# - + 1. 2)", `\# \- \+ 1\. 2\)`},
		{"a backslash", `\*`, `\\\*`},
		{"a table's cell", "a|b", `a\|b`},
		{"a mention and a formula", "@a $b$", `\@a \$b\$`},
		{"an address that GitHub would link with its backslashes", "https://a.b", `https\://a\.b`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, markdown(tt.in)); diff != "" {
				t.Errorf("Markdown (-want +got):\n%s", diff)
			}
		})
	}
}

// Each format that contains a description has its own special syntax.
func TestMarkdownInPlaces(t *testing.T) {
	t.Parallel()
	places := []struct{ name, before, after, htmlBefore, htmlAfter string }{
		{"a paragraph", "", "\n", "<p>", "</p>\n"},
		{"a paragraph between others", "a\n\n", "\n\nb\n", "<p>a</p>\n<p>", "</p>\n<p>b</p>\n"},
		{"a heading", "# ", "\n", "<h1>", "</h1>\n"},
		{"a list", "- ", "\n", "<ul>\n<li>", "</li>\n</ul>\n"},
		{"a table", "| a |\n|---|\n| ", " |\n", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>", "</td>\n</tr>\n</tbody>\n</table>\n"},
		{"strong", "**", "**\n", "<p><strong>", "</strong></p>\n"},
	}
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			for _, text := range templatetest.Hostile {
				got, err := readMarkdown([]byte(place.before+markdown(text)+place.after), place.htmlBefore, place.htmlAfter)
				if err != nil || got != text {
					t.Errorf("got %q, %v; want %q", got, err, text)
				}
			}
		})
	}
}
