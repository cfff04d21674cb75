package lora

import (
	"fmt"

	"cradio/graph"
	"cradio/layers"

	"gorgonia.org/tensor"
)

// Merge replaces the weights W of Linears by W + Scale·B·A, computed in float64 when they are first
// needed. Inference then costs what it costs without the adapter. Merge it before the network is used.
// Training the adapter afterwards does not change the merged weights.
func (a *Adapter) Merge(linears map[string]*layers.Linear) error {
	return a.each(linears, func(l *layers.Linear, p *pair) error {
		if l.LoRA != nil {
			return fmt.Errorf("has an adapter attached: detach it first")
		}
		base := l.Weight
		l.Weight = graph.DeferWeight(base.Name, base.Dtype(), base.Shape(), &merged{base, p, a.config.Scale()})
		return nil
	})
}

// merged is a weight with its adapter.
type merged struct {
	base  *graph.Weight
	of    *pair
	scale float64
}

// Load implements graph.Store.
func (m *merged) Load(into []float32) (*tensor.Dense, error) {
	base, err := m.base.Read(nil)
	if err != nil {
		return nil, err
	}
	defer m.base.Release()
	first, err := m.of.a.Value()
	if err != nil {
		return nil, err
	}
	second, err := m.of.b.Value()
	if err != nil {
		return nil, err
	}
	if base.Dtype() == tensor.Float64 {
		y := make([]float64, base.DataSize())
		merge(y, base.Float64s(), factors(first), factors(second), first.Shape()[0], m.scale)
		return tensor.New(tensor.WithShape(base.Shape()...), tensor.WithBacking(y)), nil
	}
	y := into[:0]
	if n := base.DataSize(); cap(y) >= n {
		y = y[:n]
	} else {
		y = make([]float32, n)
	}
	merge(y, base.Float32s(), factors(first), factors(second), first.Shape()[0], m.scale)
	return tensor.New(tensor.WithShape(base.Shape()...), tensor.WithBacking(y)), nil
}

// Release implements graph.Store.
func (m *merged) Release() { m.base.Release() }

// factors are the elements of a factor.
func factors(d *tensor.Dense) []float64 {
	if d.Dtype() == tensor.Float64 {
		return d.Float64s()
	}
	return doubles(d.Float32s())
}

// merge is y = w + scale·b·a, each element rounded once: w (Out, In), a (r, In), b (Out, r).
func merge[T float32 | float64](y, w []T, a, b []float64, r int, scale float64) {
	in := len(a) / r
	sum := make([]float64, in)
	for row := range len(w) / in {
		clear(sum)
		for k, f := range b[row*r:][:r] {
			f *= scale
			for j, v := range a[k*in:][:in] {
				sum[j] += f * v
			}
		}
		for j, s := range sum {
			y[row*in+j] = T(float64(w[row*in+j]) + s)
		}
	}
}
