package cmd

import (
	"bufio"
	"context"
	"maps"
	"strconv"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

// linePrompter asks one line at a time. One reader serves all questions, so that an answer typed ahead, or piped to a
// pseudo-terminal, is not lost; the end of input is an error.
type linePrompter struct {
	ctx context.Context
	in  *bufio.Reader
	out *output.Stream
}

func (o *newOptions) askLines(ctx context.Context) error {
	p := &linePrompter{ctx, bufio.NewReader(o.env.In), o.env.Err}
	given := maps.Clone(o.given)
	if _, ok := given["template"]; !ok {
		if err := p.ask(o.templateQuestion(), given, o.templates[0].Name); err != nil {
			return err
		}
	}
	t := named(o.templates, given["template"])
	for _, q := range t.Missing(given) {
		if err := p.ask(q, given, t.Suggest(q, given)); err != nil {
			return err
		}
	}
	v, err := o.show(given)
	if err != nil {
		return err
	}
	p.out.Line("%s", v.says)
	last := template.Question{Name: "go on", Ask: "Go on?", Type: "choice"}
	for _, d := range v.decisions {
		last.Choices = append(last.Choices, template.Choice{Value: d.action, About: d.says})
	}
	answer := map[string]string{}
	if err := p.ask(last, answer, v.decisions[0].action); err != nil {
		return err
	}
	return o.decided(given, answer[last.Name])
}

// templateQuestion asks for the template like for any other answer.
func (o *newOptions) templateQuestion() template.Question {
	q := template.Question{Name: "template", Ask: "What to make", Type: "choice"}
	for _, t := range o.templates {
		q.Choices = append(q.Choices, template.Choice{Value: t.Name, About: t.About})
	}
	return q
}

// ask repeats a question until its answer can be taken, and adds that to given.
func (p *linePrompter) ask(q template.Question, given map[string]string, suggested string) error {
	for i, c := range q.Choices {
		p.out.Line("  %d. %s: %s", i+1, c.Value, c.About)
	}
	for {
		if suggested == "" {
			p.out.Prompt("%s: ", q.Ask)
		} else {
			p.out.Prompt("%s [%s]: ", q.Ask, suggested)
		}
		line, err := p.readLine()
		if p.ctx.Err() != nil {
			p.out.Line("")
			return errInterrupted
		}
		if err != nil {
			p.out.Line("")
			return failure.New("every question is a flag, too", "the input ended before %s was answered: nothing was written", q.Name)
		}
		s := strings.TrimSpace(line)
		if s == "" {
			s = suggested
		}
		if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= len(q.Choices) {
			s = q.Choices[n-1].Value
		}
		if _, err = q.Parse(s); err == nil {
			given[q.Name] = s
			return nil
		}
		p.out.Line("  %s", wanted(err))
	}
}

// readLine waits for a line or a signal: nothing else would end a read from the terminal.
func (p *linePrompter) readLine() (line string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		line, err = p.in.ReadString('\n')
	}()
	select {
	case <-done:
		return line, err
	case <-p.ctx.Done():
		return "", p.ctx.Err()
	}
}
