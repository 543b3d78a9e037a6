package contract

var s12 = Rule{
	ID:     "S12",
	Level:  Should,
	Says:   "The service serves its own static content.",
	Source: "current specification, Containerized App Requirements 8",
	URL:    static,
	Needs:  "the static content and the requests for it",
	Fix:    "Serve static content from the service itself, not from a separate server.",
}
