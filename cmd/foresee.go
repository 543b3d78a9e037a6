package cmd

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/generator/project"
	"dockerflow/generator/template"
)

// foresee finds the templates whose questions become flags: the built-in ones, or the outside one that --template or the
// project's record names. Flags cannot be parsed before these are known.
func (l *library) foresee(ctx context.Context, args []string) ([]*template.Template, error) {
	completes := len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
	if completes {
		args, l.offline = args[1:], true // completion does not use the network
	}
	if len(args) == 0 {
		return l.own, nil
	}
	var t *template.Template
	var err error
	help := false
	switch args[0] {
	case "new", "adopt":
		o := newOptions{set: newAnswerSet(l.env, l, l.own)}
		c := &cobra.Command{}
		o.flags(c)
		help = skim(c, args[1:])
		if name, ok := o.set.given["template"]; ok {
			t, err = l.find(ctx, name)
		}
	case "update":
		o := updateOptions{set: newAnswerSet(l.env, l, l.own)}
		c := &cobra.Command{}
		o.flags(c)
		help = skim(c, args[1:])
		if !o.abort {
			t, err = l.ofProject(ctx, folderOf(c.Flags().Args()), o.source, o.ref)
		}
	}
	switch {
	case errors.Is(err, errUnknown), (help || completes) && err != nil:
		return l.own, nil
	case err != nil:
		return nil, err
	case t == nil || template.Named(l.own, t.Name) == t:
		return l.own, nil
	}
	return []*template.Template{t}, nil
}

// skim parses the known flags and reports whether help is requested. It ignores errors: the command reports them.
func skim(c *cobra.Command, args []string) (help bool) {
	f := c.Flags()
	f.BoolVarP(&help, "help", "h", false, "")
	f.ParseErrorsWhitelist.UnknownFlags = true
	_ = f.Parse(args)
	return help
}

func folderOf(args []string) string {
	if len(args) > 0 && args[0] != "" {
		return args[0]
	}
	return "."
}

// ofProject returns the outside template that a project follows, or nil.
func (l *library) ofProject(ctx context.Context, dir, other, ref string) (*template.Template, error) {
	text, err := project.ReadRecordFile(l.env.FS, dir)
	if err != nil || other == "" && !bytes.Contains(text, []byte("\nsource:")) {
		return nil, nil //nolint:nilerr // the command reports it
	}
	r, err := project.ReadRecord(text)
	if err != nil {
		return nil, nil //nolint:nilerr // as above
	}
	return l.recorded(ctx, dir, r, other, ref)
}
