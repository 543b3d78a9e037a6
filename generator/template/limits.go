package template

import (
	"time"

	"dockerflow/generator/tree"
)

const (
	maxSteps     = 1_000_000 // words of actions that are executed
	maxResults   = 64 << 20  // bytes of all functions' results
	maxResult    = 1 << 20   // bytes of one of them
	maxTime      = 10        // seconds
	maxIncluded  = 64        // templates that include each other
	maxNested    = 100       // blocks in each other, and parentheses
	maxDeclared  = 200       // variables that one text sets
	maxActions   = 1 << 20   // bytes of all actions: parsed, each takes up to a hundred
	maxTexts     = 32 << 20  // bytes of all that is parsed
	maxDefault   = 16 << 10  // bytes of a default's text, and of what it makes
	maxRegexp    = 1_000     // states of a pattern: matching takes as many steps for each character
	maxGuess     = 256 << 10 // bytes of a file that a guess is looked for in
	maxQuestions = 500       // questions and choices
	maxAnswer    = 10_000    // characters of an answer
	maxNodes     = 20_000    // keys and values of a manifest
	maxDepth     = 20        // of a manifest
	maxPattern   = 1_000     // bytes of a pattern
	maxPrinted   = 500       // characters of a manifest's text that is shown
	maxMessage   = 2_000     // bytes of an error from a template: it may quote the whole of it
)

// limits are those of one run. Tests set smaller ones.
type limits struct {
	steps, results, result int
	output, outputs, files int
	time                   time.Duration
}

func ofFiles() limits {
	return limits{maxSteps, maxResults, maxResult, tree.MaxFile, tree.MaxTree, tree.MaxFiles, maxTime * time.Second}
}

// ofDefault are far smaller: a template has hundreds of defaults, and a form shows them at each key.
func ofDefault() limits {
	return limits{10_000, maxResult, maxDefault, maxDefault, maxDefault, 1, time.Second}
}
