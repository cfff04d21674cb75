package radio

import (
	"maps"
	"slices"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// Outputs are what a forward pass gives: nodes of a graph before it has run, tensors afterwards.
// B is the batch. In a Result there is no batch axis.
type Outputs[T any] struct {
	Summary    T   // (B, C)
	Features   T   // (B, h·w, D) or (B, D, h, w); nil where they were not asked for
	Rows, Cols int // h and w, the patch grid
	Adaptors   map[string]AdaptorOutputs[T]
	// Intermediates are in the order of their blocks.
	Intermediates []IntermediateOutputs[T]
	// Sources are those that the request names. Those of patches are (B, h·w, D) in every layout.
	Sources map[Source]T
	// Heads and Attention are in the order of the request.
	Heads     []HeadOutputs[T]
	Attention []AttentionOutputs[T]
	// Taps are what Request.Taps asked for. In a Result a tap of windows is (windows, …); one that
	// does not depend on the image, such as patch_generator.pos_embed, is as in Output.
	Taps map[string]T

	tapRows map[string]int // entries along the first axis of a tap for one image; 0: images share it
}

// AdaptorOutputs are what a teacher's two heads give.
type AdaptorOutputs[T any] struct {
	Summary  T // (B, Out)
	Features T // (B, N, Out) or (B, Out, h·u, w·u)
}

// IntermediateOutputs are the tokens that left a block.
type IntermediateOutputs[T any] struct {
	Block    int
	Features T // (B, h·w, D) or (B, D, h, w)
	Prefix   T // (B, P, D); nil where it was not asked for
}

// AttentionOutputs are the attention weights of some tokens of a block. They are computed in
// float32, or float64 in that precision, from the block's queries and keys; in BFloat16 and Int8
// before these are rounded.
type AttentionOutputs[T any] struct {
	Block   int // from 0
	Rows    []int
	Weights T // (B, heads, rows, T), each row of sum 1
}

// The instances: of nodes, and of tensors.
type (
	Nodes            = Outputs[*graph.Node]
	AdaptorOutput    = AdaptorOutputs[*tensor.Dense]
	Intermediate     = IntermediateOutputs[*tensor.Dense]
	AttentionWeights = AttentionOutputs[*tensor.Dense]
)

// Output is what a forward pass of a batch gives. The tensors are the caller's.
type Output struct{ Outputs[*tensor.Dense] }

// Convert applies f to all values of o, in one order: summary, features, adaptors by name,
// intermediates, sources by name, heads, attention, taps by path. f also gets the values that are nil.
func Convert[A, B any](o Outputs[A], f func(A) B) Outputs[B] {
	return convert(o, func(v A, _ int) B { return f(v) })
}

// convert is Convert. f is also told how many entries along the first axis of a value belong to
// one image: 1, or of a tap any number. It is 0 where images share the value.
func convert[A, B any](o Outputs[A], f func(v A, rows int) B) Outputs[B] {
	c := Outputs[B]{Summary: f(o.Summary, 1), Features: f(o.Features, 1), Rows: o.Rows, Cols: o.Cols, tapRows: o.tapRows}
	if o.Adaptors != nil {
		c.Adaptors = make(map[string]AdaptorOutputs[B], len(o.Adaptors))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Adaptors)) {
		a := o.Adaptors[name]
		c.Adaptors[name] = AdaptorOutputs[B]{f(a.Summary, 1), f(a.Features, 1)}
	}
	for _, i := range o.Intermediates {
		c.Intermediates = append(c.Intermediates, IntermediateOutputs[B]{i.Block, f(i.Features, 1), f(i.Prefix, 1)})
	}
	if o.Sources != nil {
		c.Sources = make(map[Source]B, len(o.Sources))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Sources)) {
		c.Sources[name] = f(o.Sources[name], 1)
	}
	for _, h := range o.Heads {
		c.Heads = append(c.Heads, HeadOutputs[B]{f(h.Values, 1), h.Grid})
	}
	for _, a := range o.Attention {
		c.Attention = append(c.Attention, AttentionOutputs[B]{a.Block, slices.Clone(a.Rows), f(a.Weights, 1)})
	}
	if o.Taps != nil {
		c.Taps = make(map[string]B, len(o.Taps))
	}
	for _, path := range slices.Sorted(maps.Keys(o.Taps)) {
		c.Taps[path] = f(o.Taps[path], o.tapRows[path])
	}
	return c
}

// values lists the values of o in Convert's order.
func (o Outputs[T]) values() (list []T) {
	Convert(o, func(v T) T { list = append(list, v); return v })
	return list
}

// summaries is o without what depends on the size of the image.
func (o Outputs[T]) summaries() Outputs[T] {
	c := Outputs[T]{Summary: o.Summary, Adaptors: make(map[string]AdaptorOutputs[T], len(o.Adaptors))}
	for name, a := range o.Adaptors {
		c.Adaptors[name] = AdaptorOutputs[T]{Summary: a.Summary}
	}
	for name, s := range o.Sources {
		if !name.Tokens() {
			if c.Sources == nil {
				c.Sources = map[Source]T{}
			}
			c.Sources[name] = s
		}
	}
	for _, h := range o.Heads {
		if h.Grid == (Grid{}) {
			c.Heads = append(c.Heads, h)
		}
	}
	return c
}

// join stacks the outputs of images along a new batch axis. Where their sizes differ only the
// summaries are joined.
func join(items []Result) Output {
	images := make([]Outputs[*tensor.Dense], len(items))
	same := true
	for i, r := range items {
		images[i] = r.Outputs
		same = same && r.Rows == items[0].Rows && r.Cols == items[0].Cols
	}
	values := make([][]*tensor.Dense, len(items)) // of each image
	for i := range images {
		if !same {
			images[i] = images[i].summaries()
		}
		values[i] = images[i].values()
	}
	next := 0
	return Output{convert(images[0], func(_ *tensor.Dense, rows int) *tensor.Dense {
		column := make([]*tensor.Dense, len(items))
		for i := range column {
			column[i] = values[i][next]
		}
		next++
		return batched(column, rows)
	})}
}

// clone is a copy of d, nil of nil.
func clone(d *tensor.Dense) *tensor.Dense {
	if d == nil {
		return nil
	}
	return d.Clone().(*tensor.Dense)
}
