package contract

var s12 = Rule{
	ID:     "S12",
	Level:  Should,
	Says:   "The service serves its own static content.",
	Source: "specification of today, Containerized App Requirements 8",
	URL:    static,
	Needs:  "its static content and who asks for it",
	Fix:    "Serve it from the service, not from a server beside it.",
}
