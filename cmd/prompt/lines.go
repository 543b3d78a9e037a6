package prompt

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

// linePrompter asks one question per line. All questions share one reader, so that answers typed ahead or piped to a
// pseudo-terminal are not lost. The end of input is an error.
type linePrompter struct {
	ctx context.Context
	in  *bufio.Reader
	out *output.Stream
}

func (t Terminal) askLines(ctx context.Context, q Questions) (given map[string]string, action string, err error) {
	p := &linePrompter{ctx, bufio.NewReader(t.In), t.Out}
	given = maps.Clone(q.Given)
	if _, ok := given["template"]; !ok {
		if err := p.ask(templateQuestion(q.Templates), given, q.Templates[0].Name); err != nil {
			return nil, "", err
		}
	}
	chosen := template.Named(q.Templates, given["template"])
	for _, q := range chosen.Missing(given) {
		if err := p.ask(q, given, chosen.Suggest(q, given)); err != nil {
			return nil, "", err
		}
	}
	v, err := q.Preview(given)
	if err != nil {
		return nil, "", err
	}
	p.out.Line("%s", v.Says)
	last := template.Question{Name: "the last question", Ask: "Continue?", Type: "choice"}
	for _, d := range v.Decisions {
		last.Choices = append(last.Choices, template.Choice{Value: d.Action, About: d.Says})
	}
	answer := map[string]string{}
	if err := p.ask(last, answer, v.Decisions[0].Action); err != nil {
		return nil, "", err
	}
	return given, answer[last.Name], nil
}

// ask repeats a question until the answer is valid, and adds the answer to given.
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
			return ErrInterrupted
		}
		if err != nil {
			p.out.Line("")
			return failure.New("every question has a flag, too", "the input ended before %s was answered: nothing was written", q.Name)
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

// readLine waits for a line or for a signal, which does not end a read from the terminal by itself.
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
