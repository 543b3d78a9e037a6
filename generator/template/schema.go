package template

import _ "embed"

//go:embed template.schema.json
var schema string

// Schema is the JSON Schema of a template's manifest, for editors. It says less than Lint finds: it knows no base.
func Schema() string { return schema }
