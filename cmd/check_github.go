package cmd

import (
	"fmt"
	"io"
	"strings"

	"dockerflow/generator/spec"
)

// GitHub Actions reads ::command name=value,…::text, with these characters escaped.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// printGitHub makes an annotation of each finding, an error where it counts and else a warning, and notices of the rest.
func printGitHub(w io.Writer, c *checked) error {
	var b strings.Builder
	for _, j := range c.in(fails) {
		command := "warning"
		if c.counts(j) {
			command = "error"
		}
		for _, f := range j.Findings {
			githubCommand(&b, command, c, j, f)
		}
	}
	var unseen []string
	for _, j := range c.judged {
		switch state(j) {
		case ignored:
			unseen = append(unseen, j.ID+" is ignored: "+plain(j.Ignored))
		case known:
			unseen = append(unseen, fmt.Sprintf("%s: the baseline has its %s", j.ID, number(len(j.Known), "finding")))
		case notCheckable:
			unseen = append(unseen, j.ID+" is not checkable here: "+plain(j.Note))
		}
	}
	for _, k := range c.gone {
		unseen = append(unseen, plain(fmt.Sprintf("gone, and still in the baseline: %s %s %s", k.Rule, k.Path, k.Text)))
	}
	for _, note := range c.notes {
		unseen = append(unseen, plain(note))
	}
	if len(unseen) > 0 {
		fmt.Fprintf(&b, "::notice title=dockerflow check::%s\n", githubData.Replace(strings.Join(unseen, "\n")))
	}
	fmt.Fprintf(&b, "dockerflow check: %s\n", c.count())
	_, err := io.WriteString(w, b.String())
	return err
}

func githubCommand(b *strings.Builder, command string, c *checked, j spec.Judgement, f spec.Finding) {
	var properties []string
	if at := c.place(f); at != "" {
		properties = append(properties, "file="+githubProperty.Replace(plain(at)))
		if f.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", f.Line))
		}
	}
	properties = append(properties, "title="+githubProperty.Replace(fmt.Sprintf("%s (%s) %s", j.ID, j.Level, j.Says)))
	text := plain(f.Text)
	if c.place(f) == "" {
		text = plain(c.subject(j.ID)) + ": " + text
	}
	fmt.Fprintf(b, "::%s %s::%s\n", command, strings.Join(properties, ","), githubData.Replace(text+"\nfix: "+j.Fix))
}
