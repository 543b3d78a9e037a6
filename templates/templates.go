// Package templates holds what can be made: a folder for each template, and common, which all of them start from.
package templates

import "embed"

// FS has the template folders at its root.
//
//go:embed all:*/*
var FS embed.FS
