package cmd

import (
	"context"
	"errors"

	"dockerflow/generator/contract"
	"dockerflow/generator/contract/image"
	"dockerflow/generator/failure"
)

// container checks an image and containers started from it. On a terminal it shows its progress.
func (o *checkOptions) container(ctx context.Context) ([]contract.Result, error) {
	engine, err := image.Find(ctx, o.engine)
	if err != nil {
		return nil, imageError(err)
	}
	with := image.Options{Env: o.vars}
	if o.env.Err.Terminal() != nil {
		with.Progress = func(what string) { o.env.Err.Line("dockerflow: %s", what) }
	}
	results, err := image.Check(ctx, engine, o.image, with)
	switch {
	case ctx.Err() != nil:
		return nil, errChecking
	case err != nil:
		return nil, imageError(err)
	}
	return results, nil
}

func imageError(err error) error {
	var f *image.Failure
	hint := ""
	if errors.As(err, &f) {
		hint = f.Hint
	}
	return failure.New(hint, "--image: %w", err)
}
