package eval

import (
	"context"
	"fmt"
	"math"

	"cradio/cpu"
)

// Scores returns the score of each class for rows of features (N, Width): (N, Classes), in
// float64.
func (l *Logistic) Scores(ctx context.Context, features []float32, opt Options) ([]float64, error) {
	if err := checkRows("features", features, l.Width); err != nil {
		return nil, fmt.Errorf("logistic regression: %w; take them from the model and the output it was fitted to", err)
	}
	n := len(features) / l.Width
	out := make([]float64, n*l.Classes)
	x := make([]float64, min(lossBlock, n)*l.Width)
	w := cpu.Wrap(l.Weight, l.Classes, l.Width)
	for first := 0; first < n; first += lossBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(lossBlock, n-first)
		for i, v := range features[first*l.Width:][:rows*l.Width] {
			x[i] = float64(v)
		}
		op := cpu.Linear[float64]{Y: out[first*l.Classes:][:rows*l.Classes], X: x[:rows*l.Width], W: &w, Bias: l.Bias, Rows: rows}
		if err := op.Check(); err != nil {
			return nil, err
		}
		op.Run(opt.pool())
	}
	for i := range out {
		if !l.Seen[i%l.Classes] {
			out[i] = math.Inf(-1)
		}
	}
	return out, nil
}

// Predict returns the class with the highest score for each row of features, the lowest of
// equal ones.
func (l *Logistic) Predict(ctx context.Context, features []float32, opt Options) ([]int, error) {
	scores, err := l.Scores(ctx, features, opt)
	if err != nil {
		return nil, err
	}
	answers := make([]int, len(scores)/l.Classes)
	for i := range answers {
		answers[i] = best(scores[i*l.Classes:][:l.Classes])
	}
	return answers, nil
}
