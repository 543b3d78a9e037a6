package template

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"dockerflow/generator/tree"
)

// unanswered reports defaults that are not valid answers.
func (t *trial) unanswered(err error, with string) {
	var wrong *AnswerError
	name, text := "", err.Error()
	if errors.As(err, &wrong) {
		name, text = wrong.Name, noAnswer(wrong.Value, wrong.Name, wrong.Want)
	} else if _, rest, ok := strings.Cut(text, "default of "); ok {
		name, _, _ = strings.Cut(rest, ":")
	}
	line, column := t.places.of(t.placeOfDefault(name))
	t.tellFailure(Finding{manifestFile, line, column, false, text}, with)
}

func (t *trial) overLimit(limit *tree.LimitError) Finding {
	line, column := t.places.of(where("extends"))
	f := Finding{manifestFile, line, column, false, limit.Error()}
	for _, files := range []map[string]layerFile{t.written, t.parts} {
		for _, source := range files {
			if source.own && source.path == limit.File {
				f.Path, f.Line, f.Column = source.path, 1, 1
				f.Text = (&tree.LimitError{What: limit.What, Limit: limit.Limit}).Error()
			}
		}
	}
	return f
}

// failed converts an error of rendering to a finding. It also returns the output path of the file that failed, if
// known.
func (t *trial) failed(err error) (f Finding, file string) {
	text := err.Error()
	text = strings.TrimPrefix(text, "template "+t.template.Name+": ")
	line, column := t.places.of(where("extends"))
	f = Finding{manifestFile, line, column, false, text}
	rest, ok := strings.CutPrefix(text, "template: ")
	if !ok {
		return f, ""
	}
	name, rest, _ := strings.Cut(rest, ":")
	number, rest, _ := strings.Cut(rest, ":")
	place, message, ok := strings.Cut(rest, ": ")
	atLine, err1 := strconv.Atoi(number)
	atByte, err2 := strconv.Atoi(place)
	if !ok || err1 != nil || err2 != nil {
		return f, ""
	}
	source, isPart := t.parts[name]
	if !isPart {
		file = strings.TrimSuffix(strings.TrimPrefix(name, "files/"), suffix)
		source = t.written[file]
	}
	_, cause, found := strings.Cut(message, " at ")
	if found {
		message = cause
	}
	message = actionsOf(message)
	if !source.own {
		f.Text = fmt.Sprintf("%s of the base, line %d: %s", source.path, atLine, message)
		return f, file
	}
	start := offsetOf(source.text, atLine, 1)
	f.Line, f.Column = lineColumn(source.text, start+atByte)
	f.Path, f.Text = source.path, message
	return f, file
}

// judge checks a result against the contract. Rules that the base breaks by itself are left out.
func (t *trial) judge(ctx context.Context, tree tree.Tree, answers Answers, with string) {
	inherited := map[Broken]bool{}
	if t.base.About != "" {
		if theirs, err := t.base.RenderContext(ctx, answers); err == nil {
			for _, b := range t.Judge(ctx, theirs) {
				inherited[Broken{Path: b.Path, Text: b.Text}] = true
			}
		}
	}
	for _, b := range t.Judge(ctx, tree) {
		if inherited[Broken{Path: b.Path, Text: b.Text}] && !t.written[b.Path].own {
			continue
		}
		line, column := t.places.of(where("extends"))
		f := Finding{manifestFile, line, column, b.Should, b.Text}
		switch source, there := t.written[b.Path]; {
		case there && source.own && !source.read:
			f.Path, f.Line, f.Column = source.path, max(b.Line, 1), 1
		case there && source.own:
			f.Path, f.Line, f.Column = source.path, 1, 1
			if b.Line > 0 {
				f.Text = fmt.Sprintf("line %d of the output: %s", b.Line, b.Text)
			}
		case b.Path != "" && b.Line > 0:
			f.Text = fmt.Sprintf("%s:%d: %s", b.Path, b.Line, b.Text)
		case b.Path != "":
			f.Text = fmt.Sprintf("%s: %s", b.Path, b.Text)
		}
		t.tell(f, with)
	}
}
