package contract

var l12 = Rule{
	ID:     "L12",
	Level:  Should,
	Says:   "Bad configuration: one clear log line and a non-zero exit at start.",
	Source: "practice",
	Needs:  aProcess + " with a bad configuration",
	Fix:    "Check the whole configuration before listening.",
}
