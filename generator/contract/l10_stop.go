package contract

var l10 = Rule{
	ID:     "L10",
	Level:  Should,
	Says:   "On SIGTERM it stops accepting, finishes the requests in flight and exits 0.",
	Source: "practice",
	Needs:  aProcess + " and a SIGTERM",
	Fix:    "Handle SIGTERM by the server's graceful stop.",
}
