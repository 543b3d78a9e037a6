package contract

// The published specification: the current text with its guides, and its source of 2016.
const (
	published = "https://github.com/mozilla-services/Dockerflow"
	required  = published + "#containerized-app-requirements"
	image     = published + "#dockerfile-requirements"
	pipelines = published + "#building-and-testing"
	advised   = published + "#optional-recommendations"
	building  = published + "/blob/main/docs/building-container.md"
	object    = published + "/blob/main/docs/version_object.md"
	static    = published + "/blob/main/docs/serving-static-content.md"
	mozlog    = "https://wiki.mozilla.org/Firefox/Services/Logging"
)

// The inputs that rules need.
const (
	aDockerfile = "the Dockerfile"
	aURL        = "the running service"
	aProcess    = "the service's process"
)

// Rules lists the rules: S rules need a repository, L rules a running service; an image can decide both.
var Rules = []Rule{
	s01, s02, s03, s04, s05, s06, s07, s08, s09, s10, s11, s12, s13,
	l01, l02, l03, l04, l05, l06, l07, l08, l09, l10, l11, l12,
}
