package contract

var l11 = Rule{
	ID:     "L11",
	Level:  Must,
	Says:   "Every process runs as 10001:10001, without capabilities and with no-new-privileges.",
	Source: "specification of 2016, Dockerfile Guidelines; today, Dockerfile requirements 3 and 5; no capabilities: practice",
	URL:    image,
	Needs:  "a container",
	Fix:    "USER app, and nothing that needs root.",
}
