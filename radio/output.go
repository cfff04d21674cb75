package radio

import (
	"slices"

	"gorgonia.org/tensor"
)

// Output holds what a forward pass gives. The tensors are the caller's.
type Output struct {
	Summary  *tensor.Dense // (B, C)
	Features *tensor.Dense // (B, h·w, D) or (B, D, h, w)
	Rows     int           // h
	Cols     int           // w
	Adaptors map[string]AdaptorOutput
	// Intermediates are in the order of their blocks.
	Intermediates []Intermediate
	// Attention is in the order of the request.
	Attention []AttentionWeights
	Taps      map[string]*tensor.Dense

	tapRows map[string]int // entries along the first axis of a tap for one image; 0: images share it
}

// AdaptorOutput is what a teacher's heads give.
type AdaptorOutput struct {
	Summary  *tensor.Dense // (B, Out)
	Features *tensor.Dense // (B, N, Out) or (B, Out, h·u, w·u)
}

// Intermediate is what left a block.
type Intermediate struct {
	Block    int
	Features *tensor.Dense // (B, h·w, D) or (B, D, h, w)
	Prefix   *tensor.Dense // (B, P, D), or nil
}

// clone is o with memory of its own.
func (o *Output) clone() *Output {
	c := *o
	c.Summary, c.Features = clone(o.Summary), clone(o.Features)
	c.Adaptors, c.Intermediates = cloneAdaptors(o.Adaptors), cloneIntermediates(o.Intermediates)
	c.Taps = cloneTaps(o.Taps)
	c.Attention = cloneAttention(o.Attention)
	return &c
}

func cloneTaps(of map[string]*tensor.Dense) map[string]*tensor.Dense {
	c := make(map[string]*tensor.Dense, len(of))
	for path, d := range of {
		c[path] = clone(d)
	}
	return c
}

func cloneAdaptors(of map[string]AdaptorOutput) map[string]AdaptorOutput {
	c := make(map[string]AdaptorOutput, len(of))
	for name, a := range of {
		c[name] = AdaptorOutput{Summary: clone(a.Summary), Features: clone(a.Features)}
	}
	return c
}

func cloneIntermediates(of []Intermediate) []Intermediate {
	c := slices.Clone(of)
	for i := range c {
		c[i].Features, c[i].Prefix = clone(c[i].Features), clone(c[i].Prefix)
	}
	return c
}

// clone is a copy of d, nil of nil.
func clone(d *tensor.Dense) *tensor.Dense {
	if d == nil {
		return nil
	}
	return d.Clone().(*tensor.Dense)
}
