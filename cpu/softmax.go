package cpu

import (
	"math"

	"cradio/cpu/internal/kernel"
)

// softmaxRows are what losses do to rows of logits: by a table's kernels, which are for float32, or by the
// definition, in float64 and rounded to the type of the row.
type softmaxRows struct {
	table  *kernel.Table // nil: the definition
	states [][16]float32 // by worker: results of a kernel, a cache line each
}

// begin prepares rows on a pool: n logits in all, of an operation that is small or not. It allocates in
// the first run.
func (s *softmaxRows) begin(p *Pool, table *kernel.Table, limit, n int) {
	if s.table = table; table != nil && (table.Exps == nil || small(limit, n, lossCost)) {
		s.table = nil
	}
	if len(s.states) < p.Threads() {
		s.states = make([][16]float32, p.Threads())
	}
}

// exps writes e = exp(z - top), where top is the largest of z, and returns the sum of e. e may be z.
func exps[T Float](s *softmaxRows, worker int, e, z []T) (top, sum float64) {
	if s.table != nil {
		state := &s.states[worker]
		s.table.Exps(kernel.At(e, 0), kernel.At(z, 0), len(z), kernel.At(state[:], 0))
		return float64(state[0]), float64(state[1])
	}
	most := z[0]
	for _, v := range z[1:] {
		if v > most {
			most = v
		}
	}
	top = float64(most)
	e = e[:len(z)]
	for c, v := range z {
		x := math.Exp(float64(v) - top)
		e[c] = T(x)
		sum += x
	}
	return top, sum
}

// mixExps is exps of z = mix(a, b, f).
func mixExps[T Float](s *softmaxRows, worker int, e, a, b []T, f float64) (top, sum float64) {
	if s.table != nil {
		state := &s.states[worker]
		s.table.MixExps(kernel.At(e, 0), kernel.At(a, 0), kernel.At(b, 0), len(e), kernel.At(state[:], 0), float32(1-f), float32(f))
		return float64(state[0]), float64(state[1])
	}
	mix(s, e, a, b, f)
	return exps(s, worker, e, e)
}

// mix is y = a + f·(b - a).
func mix[T, W Float](s *softmaxRows, y []W, a, b []T, f float64) {
	if s.table != nil {
		s.table.Mix(kernel.At(y, 0), kernel.At(a, 0), kernel.At(b, 0), len(y), float32(1-f), float32(f))
		return
	}
	a, b = a[:len(y)], b[:len(y)]
	g, h := W(1-f), W(f)
	for k := range y {
		y[k] = W(a[k])*g + W(b[k])*h
	}
}

// spread adds factor·(1 - f)·d to a and factor·f·d to b. a and b are the same only where f is 0.
func spread[T Float](s *softmaxRows, a, b, d []T, f, factor float64) {
	if s.table != nil {
		s.table.Spread(kernel.At(a, 0), kernel.At(b, 0), kernel.At(d, 0), len(d), float32(factor*(1-f)), float32(factor*f))
		return
	}
	a, b = a[:len(d)], b[:len(d)]
	g, h := T(factor*(1-f)), T(factor*f)
	for k, v := range d {
		a[k] += g * v
	}
	if f == 0 {
		return
	}
	for k, v := range d {
		b[k] += h * v
	}
}

// affine is y = factor·y + shift.
func affine[T Float](s *softmaxRows, y []T, factor, shift float64) {
	if s.table != nil {
		s.table.Affine(kernel.At(y, 0), kernel.At(y, 0), len(y), float32(factor), float32(shift))
		return
	}
	for k, v := range y {
		y[k] = T(factor*float64(v) + shift)
	}
}
