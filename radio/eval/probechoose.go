package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"cradio/cpu"
)

// answerRows is how many rows are answered at a time.
const answerRows = 1024

// answers runs the probe, or one of its heads, over rows in blocks. take gets each block.
func (p *Probe) answers(ctx context.Context, name string, rows Rows, only int, opt Options, prepare func(op *cpu.LinearProbe, n int), take func(op *cpu.LinearProbe, first, n int)) error {
	if err := rows.check(name, p.Classes); err != nil {
		return err
	}
	if rows.Width != p.Width {
		return fmt.Errorf("%s: the features have width %d, the probe was trained with %d: take both from one model and one output", name, rows.Width, p.Width)
	}
	op := cpu.LinearProbe{Float32: rows.Float32, BFloat16: rows.BFloat16, Width: p.Width, Classes: p.Classes}
	op.Mean, op.Factor = p.standardise()
	for i, h := range p.Heads {
		if only < 0 || i == only {
			op.Inputs = append(op.Inputs, cpu.LinearProbeInput{From: h.Input.From, To: h.Input.To, Heads: 1, Weight: p.heads[i][0], Bias: p.heads[i][1], Loss: make([]float64, 1)})
		}
	}
	all, labels := allOf(rows.Len()), make([]int32, rows.Len())
	for i, l := range rows.Labels {
		labels[i] = int32(l)
	}
	for first := 0; first < len(all); first += answerRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(answerRows, len(all)-first)
		op.Rows, op.Labels = all[first:first+n], labels[first:first+n]
		if err := rows.finite(name, op.Rows); err != nil {
			return err
		}
		prepare(&op, n)
		if err := op.Check(); err != nil {
			return err
		}
		op.Run(opt.pool())
		take(&op, first, n)
	}
	return nil
}

// Ranks returns for each head and row how many classes score above the label: 0 where the answer
// is right.
func (p *Probe) Ranks(ctx context.Context, name string, rows Rows, opt Options) ([][]int, error) {
	out := make([][]int, len(p.Heads))
	for h := range out {
		out[h] = make([]int, rows.Len())
	}
	err := p.answers(ctx, name, rows, -1, opt, func(op *cpu.LinearProbe, n int) {
		op.Ranks = make([]int32, n*len(p.Heads))
	}, func(op *cpu.LinearProbe, first, n int) {
		for h := range out {
			for i, r := range op.Ranks[h*n:][:n] {
				if !p.Seen[op.Labels[i]] {
					r = int32(p.Classes) // a class that is never the answer
				}
				out[h][first+i] = int(r)
			}
		}
	})
	return out, err
}

// Scores returns the scores of a head, (N, Classes). Those of classes without rows in train are
// -Inf.
func (p *Probe) Scores(ctx context.Context, name string, rows Rows, head int, opt Options) ([]float64, error) {
	out := make([]float64, rows.Len()*p.Classes)
	err := p.answers(ctx, name, rows, head, opt, func(op *cpu.LinearProbe, n int) {
		op.Scores = make([]float32, n*p.Classes)
	}, func(op *cpu.LinearProbe, first, n int) {
		for i, v := range op.Scores {
			out[first*p.Classes+i] = float64(v)
			if !p.Seen[i%p.Classes] {
				out[first*p.Classes+i] = math.Inf(-1)
			}
		}
	})
	return out, err
}

// Choose returns the head with the best accuracy on val, the first of equal ones, and the
// accuracies of all. A head that has diverged is not chosen.
func (p *Probe) Choose(ctx context.Context, val Rows, opt Options) (best int, accuracies []float64, err error) {
	ranks, err := p.Ranks(ctx, "val", val, opt)
	if err != nil {
		return 0, nil, err
	}
	best = -1
	for h := range ranks {
		accuracies = append(accuracies, TopK(ranks[h], 1))
		if p.Heads[h].Diverged == 0 && (best < 0 || accuracies[h] > accuracies[best]) {
			best = h
		}
	}
	if best < 0 {
		return 0, nil, errors.New("every head of the probe has diverged: give smaller rates")
	}
	return best, accuracies, nil
}
