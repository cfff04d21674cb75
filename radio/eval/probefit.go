package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"cradio/cpu"
	"cradio/radio/data"
	"cradio/radio/optim"
)

// probeFit is one call of FitProbe.
type probeFit struct {
	*Probe
	opt    ProbeOptions
	train  Rows
	op     cpu.LinearProbe
	update probeUpdate
	epoch  []float64 // Σ losses of the epoch's rows, by heads

	schedule optim.Schedule
}

// newProbeFit lays out the heads: those of an input, one for each rate, lie one after the other.
func newProbeFit(p *Probe, train Rows) *probeFit {
	opt, k := p.options, p.Classes
	f := &probeFit{Probe: p, opt: opt, train: train}
	each := pieces(f.pictures(), opt.Batch)
	f.schedule = optim.Schedule{Curve: optim.Cosine, Total: opt.Epochs * each, Warmup: int(math.Round(opt.Warmup * float64(each)))}
	f.op = cpu.LinearProbe{Float32: train.Float32, BFloat16: train.BFloat16, Width: train.Width, Classes: k}
	f.op.Mean, f.op.Factor = p.standardise()
	for i, in := range opt.Inputs {
		n, d := len(opt.Rates)*k, in.To-in.From
		random := data.Rand(opt.Seed, 0, uint64(i), "probe weights")
		w := make([]float32, n*d)
		for j := range w[:k*d] { // the rates begin with the same weights
			w[j] = float32(0.01 * random.NormFloat64())
		}
		for h := 1; h < len(opt.Rates); h++ {
			copy(w[h*k*d:], w[:k*d])
		}
		group := cpu.LinearProbeInput{
			From: in.From, To: in.To, Heads: len(opt.Rates), Weight: w, Bias: make([]float32, n),
			DWeight: make([]float32, n*d), DBias: make([]float32, n), Loss: make([]float64, len(opt.Rates)),
		}
		f.op.Inputs = append(f.op.Inputs, group)
		for h, rate := range opt.Rates {
			weights, biases := span(h, k*d), span(h, k)
			p.Heads = append(p.Heads, ProbeHead{Input: in, Rate: rate})
			p.heads = append(p.heads, [2][]float32{weights(w), biases(group.Bias)})
			if opt.AdamW {
				f.update.addAdamW(weights(w), weights(group.DWeight), rate, opt.Decay)
				f.update.addAdamW(biases(group.Bias), biases(group.DBias), rate, 0)
				continue
			}
			f.update.addSGD(weights(w), weights(group.DWeight), rate)
			f.update.addSGD(biases(group.Bias), biases(group.DBias), rate)
		}
	}
	f.epoch = make([]float64, len(p.Heads))
	return f
}

// span cuts piece i of some elements.
func span(i, n int) func([]float32) []float32 {
	return func(x []float32) []float32 { return x[i*n:][:n:n] }
}

// standardise is what the features are standardised by, nil for features as they are.
func (p *Probe) standardise() (mean, factor []float32) {
	if p.Scale == nil {
		return nil, nil
	}
	return p.Scale.Mean, p.Scale.factors()
}

// run makes all steps.
func (f *probeFit) run(ctx context.Context) error {
	pool := f.opt.pool()
	labels := make([]int32, f.opt.Batch)
	for epoch := range f.opt.Epochs {
		order := f.order(epoch)
		clear(f.epoch)
		for first := 0; first < len(order); first += f.opt.Batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			rows := order[first:min(first+f.opt.Batch, len(order))]
			for i, r := range rows {
				labels[i] = int32(f.train.Labels[r])
			}
			f.op.Rows, f.op.Labels = rows, labels[:len(rows)]
			if f.Steps == 0 {
				if err := f.op.Check(); err != nil {
					return err
				}
			}
			f.op.Run(pool)
			if err := f.watch(rows); err != nil {
				return err
			}
			f.update.step(pool, f.factor(f.Steps), f.Steps+1)
			f.Steps++
		}
		if f.opt.Progress != nil {
			f.opt.Progress(epoch+1, f.opt.Epochs)
		}
	}
	return nil
}

// factor is what the rates are multiplied by at a step, from 0. SGD's rates are for batches of 256.
func (f *probeFit) factor(step int) float64 {
	scale := 1.0
	if !f.opt.AdamW {
		scale = float64(f.opt.Batch) / 256
	}
	return scale * f.schedule.Factor(step)
}

// watch notes the losses of a step. A feature that is not finite is an error.
func (f *probeFit) watch(rows []int) error {
	head := 0
	for _, in := range f.op.Inputs {
		for _, loss := range in.Loss {
			h := &f.Heads[head]
			if f.Steps == 0 {
				h.First = loss
			}
			if h.Diverged == 0 && loss-loss != 0 {
				h.Diverged = f.Steps + 1
				if err := f.train.finite("train", rows); err != nil {
					return err
				}
			}
			f.epoch[head] += loss * float64(len(rows))
			head++
		}
	}
	return nil
}

// finish judges the heads. It is an error if all have diverged.
func (f *probeFit) finish() error {
	diverged := 0
	for i := range f.Heads {
		h := &f.Heads[i]
		h.Last = f.epoch[i] / float64(f.pictures())
		if h.Diverged == 0 && !(h.Last <= h.First) {
			h.Diverged = f.Steps
		}
		if h.Diverged > 0 {
			diverged++
		}
		for c, seen := range f.Seen {
			if !seen {
				f.heads[i][1][c] = -math.MaxFloat32 / 2
			}
		}
	}
	if diverged == len(f.Heads) {
		return errors.New(f.advice())
	}
	return nil
}

// advice says how the heads have diverged, and what to try.
func (f *probeFit) advice() string {
	h := f.Heads[0]
	for _, other := range f.Heads {
		if other.Rate < h.Rate {
			h = other
		}
	}
	var b strings.Builder
	b.WriteString("the probe diverged with every rate")
	if len(f.opt.Rates) == 1 {
		b.Reset()
		b.WriteString("the probe diverged")
	}
	if h.Last-h.Last != 0 {
		fmt.Fprintf(&b, ": with rate %g the loss was %.3g at first, and is not a number from step %d of %d on", h.Rate, h.First, h.Diverged, f.Steps)
	} else {
		fmt.Fprintf(&b, ": with rate %g the loss rose from %.3g to %.3g in %d steps", h.Rate, h.First, h.Last, f.Steps)
	}
	fmt.Fprintf(&b, "; try a rate of %.1g", h.Rate/10)
	if f.opt.Raw {
		b.WriteString(", or standardise the features")
	} else if f.opt.Warmup == 0 {
		b.WriteString(", or a warm-up")
	}
	return b.String()
}
