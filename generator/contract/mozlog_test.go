package contract

import (
	"strings"
	"testing"
)

const goodLine = `{"Timestamp":1763900000123456789,"Time":"2025-11-23T12:13:20.123456789Z","Type":"app.start","Logger":"hello",` +
	`"Hostname":"h","EnvVersion":"2.0","Severity":6,"Pid":7,"Fields":{"port":8000,"of":{"a":1}}}`

const goodSummary = `{"Timestamp":1763900000123456789,"Type":"request.summary","Logger":"hello","Hostname":"h","EnvVersion":"2.0",` +
	`"Severity":6,"Pid":7,"Fields":{"agent":"","errno":404,"method":"GET","path":"/x","code":404,"lang":"","uid":"","rid":"r","t":0.3}}`

func TestGoodLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{goodLine, goodSummary} {
		line, problems := CheckLine([]byte(text))
		if len(problems) > 0 || line.Type == "" || line.Severity != 6 || len(line.Fields) == 0 {
			t.Errorf("%s: %v", text, problems)
		}
	}
}

func TestOnlyTimestampIsRequired(t *testing.T) {
	t.Parallel()
	_, problems := CheckLine([]byte(`{"Timestamp":1763900000123456789}`))
	for _, p := range problems {
		if p.Level != Should {
			t.Errorf("%s is %s", p, p.Level)
		}
	}
	if len(problems) != 7 {
		t.Errorf("%d problems, want one a key: %v", len(problems), problems)
	}
	if _, problems = CheckLine([]byte(`{"Pid":1}`)); len(problems) == 0 || problems[0].Level != Must {
		t.Errorf("without Timestamp: %v", problems)
	}
}

func TestBadLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, old, new, key string }{
		{goodLine, "1763900000123456789", "1763900000123", "Timestamp"},
		{goodLine, "1763900000123456789", `"1763900000123456789"`, "Timestamp"},
		{goodLine, "1763900000123456789", "1.763900000123456789e18", "Timestamp"},
		{goodLine, "2025-11-23T", "2025-11-23 ", "Time"},
		{goodLine, `"app.start"`, `""`, "Type"},
		{goodLine, `"hello"`, "1", "Logger"},
		{goodLine, `"h"`, "null", "Hostname"},
		{goodLine, `"2.0"`, "2.0", "EnvVersion"},
		{goodLine, `"Severity":6`, `"Severity":5`, "Severity"},
		{goodLine, `"Severity":6`, `"Severity":"info"`, "Severity"},
		{goodLine, `"Pid":7`, `"Pid":0`, "Pid"},
		{goodLine, `{"port":8000,"of":{"a":1}}`, "{}", "Fields"},
		{goodLine, `{"port":8000,"of":{"a":1}}`, `"none"`, "Fields"},
		{goodLine, `{"a":1}`, `{"a":{}}`, "Fields"},
		{goodLine, `{"a":1}`, `[{"a":1}]`, "Fields"},
		{goodLine, `{"a":1}`, "null", "Fields"},
		{goodLine, `{"a":1}`, `{"a":null}`, "Fields"},
		{goodLine, `"Pid":7`, `"Pid":7,"message":"x"`, "message"},
		{goodLine, "{", "", ""},
		{goodLine, "}}}", "}}} {}", ""},
		{goodLine, "hello", "\xff", ""},
		{goodLine, goodLine, "null", ""},
		{goodLine, goodLine, "listening", ""},
		{goodLine, goodLine, "", ""},
		{goodSummary, `"agent":"",`, "", "Fields.agent"},
		{goodSummary, `"errno":404`, `"errno":0`, "Fields.errno"},
		{goodSummary, `"errno":404`, `"errno":-1`, "Fields.errno"},
		{goodSummary, `"code":404`, `"code":200`, "Fields.errno"},
		{goodSummary, `"code":404`, `"code":"404"`, "Fields.code"},
		{goodSummary, `"GET"`, `""`, "Fields.method"},
		{goodSummary, `"/x"`, `"/x?a=b"`, "Fields.path"},
		{goodSummary, `"lang":""`, `"lang":null`, "Fields.lang"},
		{goodSummary, `"uid":""`, `"uid":0`, "Fields.uid"},
		{goodSummary, `"rid":"r"`, `"rid":""`, "Fields.rid"},
		{goodSummary, `"t":0.3`, `"t":"0.3"`, "Fields.t"},
		{goodSummary, `"t":0.3`, `"t":-1`, "Fields.t"},
	} {
		text := strings.Replace(c.line, c.old, c.new, 1)
		_, problems := CheckLine([]byte(text))
		found := false
		for _, p := range problems {
			found = found || p.Key == c.key && p.Level == Must && p.Text != ""
		}
		if !found {
			t.Errorf("%s: no problem with %q in %v", text, c.key, problems)
		}
	}
}

func TestCheckMetrics(t *testing.T) {
	t.Parallel()
	for packet, want := range map[string]int{
		"hello.request.count.200:1|c":              0,
		"hello.request.time:0.25|ms\na:1|c|@0.1\n": 0,
		"a:1|c|#method:GET,code:200":               0,
		"a-b.c:-1.5|g":                             0,
		"":                                         1,
		"a:1":                                      1,
		"a:x|c":                                    1,
		"a b:1|c":                                  1,
		"a:1|c\nnonsense":                          1,
		"a:1|c\n\nb:1|c":                           1,
	} {
		if problems := CheckMetrics([]byte(packet)); len(problems) != want {
			t.Errorf("%q: %v", packet, problems)
		}
	}
}

func FuzzCheckLine(f *testing.F) {
	f.Add([]byte(goodLine))
	f.Add([]byte(goodSummary))
	f.Add([]byte(`{"Timestamp":1e999,"Fields":[[[null]]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		line, problems := CheckLine(text)
		if line.Type == "" && len(problems) == 0 {
			t.Errorf("%q has no type and no problem", text)
		}
		_ = CheckMetrics(text)
		_ = CheckHeartbeat(200, text)
	})
}
