// Package digest stands in for the module of this name, which compiles patterns at every start of the program. BuildKit's
// Dockerfile parser only names its type.
package digest

// Digest is the type that the types of image configurations mention.
type Digest string
