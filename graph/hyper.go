package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Hyper are the numbers that updates read anew at each run, so that a schedule needs no
// new Program. They are an input of HyperSize elements: see Builder.Hyper.
type Hyper struct {
	Rate    float64 // the learning rate, before a group's own factor
	Step    int     // the number of this step, from 1: for the bias corrections of Adam
	Average float64 // how far Average goes: 1 - decay of a moving average
	Keep    float64 // the factor of the old sum of Accumulate; 0 starts it anew
	Factor  float64 // the factor of what Accumulate adds, such as 1/k for the mean of k
}

// The layout of the input. The rate is the sum of two numbers, so that float32 keeps what
// rounding it once would lose.
const (
	HyperRate      = iota // and HyperRemainder
	HyperRemainder        // of the rate
	HyperStep
	HyperAverage
	HyperKeep
	HyperFactor

	HyperSize // the length of the input
)

// Hyper adds the input that updates read, (HyperSize).
func (b *Builder) Hyper(name string) *Node { return b.Input(name, HyperSize) }

// Fill writes the numbers into d (HyperSize).
func (h Hyper) Fill(d *tensor.Dense) error {
	if d == nil || d.Shape().TotalSize() != HyperSize {
		return fmt.Errorf("hyper is written to %v, want a tensor of %d", d, HyperSize)
	}
	list := [HyperSize]float64{
		HyperRate: h.Rate, HyperStep: float64(h.Step), HyperAverage: h.Average, HyperKeep: h.Keep, HyperFactor: h.Factor,
	}
	if d.Dtype() == tensor.Float64 {
		copy(d.Float64s(), list[:])
		return nil
	}
	list[HyperRemainder] = h.Rate - float64(float32(h.Rate))
	for i, v := range list {
		d.Float32s()[i] = float32(v)
	}
	return nil
}

// Set writes the numbers into input n of a Machine, before a run.
func (h Hyper) Set(m Machine, n *Node) error {
	d := m.Input(n)
	if d == nil {
		return fmt.Errorf("%v is not an input of this program", n)
	}
	return h.Fill(d)
}

// isHyper checks the input of an Update.
func isHyper(s tensor.Shape) error {
	if !s.Eq(tensor.Shape{HyperSize}) {
		return fmt.Errorf("hyper is %v, want (%d), the input of Builder.Hyper", s, HyperSize)
	}
	return nil
}
