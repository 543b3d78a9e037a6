package template

import _ "embed"

//go:embed template.schema.json
var schema string

// Schema is the JSON Schema of a template's manifest, for editors. Lint finds more: the schema does not know the base.
func Schema() string { return schema }
