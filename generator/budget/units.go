package budget

// How many bytes are worked on in a step.
const (
	BytesOfStep  = 64  // read, searched or compared
	BytesOfCopy  = 128 // copied into new memory
	BytesOfRunes = 8   // looked at one by one
)

// What is kept beside its text.
const (
	BytesOfString = 16  // for a string
	BytesOfWord   = 200 // for a word of a Dockerfile, or an entry of a map
)
