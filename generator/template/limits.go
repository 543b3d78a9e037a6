package template

import (
	"time"

	"dockerflow/generator/tree"
)

const (
	maxSteps     = 1_000_000 // words of executed actions
	maxResults   = 64 << 20  // bytes of the results of all functions
	maxResult    = 1 << 20   // bytes of one result
	maxTime      = 10        // seconds
	maxIncluded  = 64        // depth of templates that include each other
	maxNested    = 100       // depth of blocks and of parentheses
	maxDeclared  = 200       // variables declared in one text
	maxActions   = 1 << 20   // bytes of all actions: each takes up to a hundred when parsed
	maxTexts     = 32 << 20  // bytes of all parsed texts
	maxDefault   = 16 << 10  // bytes of a default, and of its result
	maxRegexp    = 1_000     // states of a pattern: matching takes up to as many steps for each character
	maxGuess     = 256 << 10 // bytes that are read of a file for a guess
	maxQuestions = 500       // questions and choices
	maxAnswer    = 10_000    // characters of an answer
	maxNodes     = 20_000    // keys and values of a manifest
	maxDepth     = 20        // levels of a manifest
	maxPattern   = 1_000     // bytes of a pattern
	maxPrinted   = 500       // characters of a text in a manifest that is shown
	maxMessage   = 2_000     // bytes of an error from a template, which may quote all of it
)

// limits are the limits of one run. Tests set smaller ones.
type limits struct {
	steps, results, result int
	output, outputs, files int
	time                   time.Duration
}

func ofFiles() limits {
	return limits{maxSteps, maxResults, maxResult, tree.MaxFile, tree.MaxTree, tree.MaxFiles, maxTime * time.Second}
}

// ofDefault are the limits of a default. They are far smaller: a template can have hundreds of defaults, and a form
// shows them at each key press.
func ofDefault() limits {
	return limits{10_000, maxResult, maxDefault, maxDefault, maxDefault, 1, time.Second}
}
