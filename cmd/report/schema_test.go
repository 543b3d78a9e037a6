package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSARIFSchema checks the reports that TestSARIF expects against the schema of SARIF.
func TestSARIFSchema(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", parsed(t, "testdata/sarif-schema-2.1.0.json")); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/check/*.sarif")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d reports, error %v", len(files), err)
	}
	for _, file := range files {
		report := parsed(t, file)
		if err := schema.Validate(report); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		delete(report.(map[string]any)["runs"].([]any)[0].(map[string]any), "tool")
		if schema.Validate(report) == nil {
			t.Error("the schema accepts anything")
		}
	}
}

func parsed(t *testing.T, file string) any {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	value, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
