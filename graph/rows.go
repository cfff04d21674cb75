package graph

import (
	"fmt"
	"hash/fnv"

	"gorgonia.org/tensor"
)

// Operations that only move rows, each described by an index: row i of the
// output is row index[i] of the input, the same in every batch.

// Slice returns the tokens [from, to) of x (B, T, D), as (B, to-from, D).
func (b *Builder) Slice(x *Node, from, to int) *Node {
	s := b.shape3(x)
	if s == nil {
		return nil
	}
	if from < 0 || from >= to || to > s[1] {
		b.Fail("tokens %d to %d of %v do not exist", from, to, s)
		return nil
	}
	index := make([]int32, to-from)
	for i := range index {
		index[i] = int32(from + i)
	}
	return b.moveRows(fmt.Sprintf("Slice{%d:%d}", from, to), x, index, s[0], s[1], tensor.Shape{s[0], to - from, s[2]})
}

// Select joins the chosen tokens of x (B, T, D) in one row: (B, len(tokens)·D).
func (b *Builder) Select(x *Node, tokens []int) *Node {
	s := b.shape3(x)
	if s == nil {
		return nil
	}
	index := make([]int32, len(tokens))
	for i, t := range tokens {
		if t < 0 || t >= s[1] {
			b.Fail("token %d of %v does not exist", t, s)
			return nil
		}
		index[i] = int32(t)
	}
	return b.moveRows(fmt.Sprintf("Select{%v}", tokens), x, index, s[0], s[1], tensor.Shape{s[0], len(tokens) * s[2]})
}

// Reorder moves token order[i] of x (B, T, D) to position i.
func (b *Builder) Reorder(x *Node, order []int) *Node {
	s := b.shape3(x)
	if s == nil {
		return nil
	}
	index := make([]int32, len(order))
	h := fnv.New64a()
	for i, t := range order {
		if t < 0 || t >= s[1] {
			b.Fail("token %d of %v does not exist", t, s)
			return nil
		}
		index[i] = int32(t)
		fmt.Fprint(h, t, ",")
	}
	return b.moveRows(fmt.Sprintf("Reorder{%x}", h.Sum64()), x, index, s[0], s[1], tensor.Shape{s[0], len(order), s[2]})
}

// Groups turns every n tokens of x (B, T, D), after the first from tokens, into a batch
// entry: (B·(T-from)/n, n, D).
func (b *Builder) Groups(x *Node, from, n int) *Node {
	s := b.shape3(x)
	if s == nil {
		return nil
	}
	if from < 0 || from >= s[1] || n < 1 || (s[1]-from)%n != 0 {
		b.Fail("%v cannot be split into groups of %d tokens after the first %d", s, n, from)
		return nil
	}
	index := make([]int32, s[1]-from)
	for i := range index {
		index[i] = int32(from + i)
	}
	out := tensor.Shape{s[0] * len(index) / n, n, s[2]}
	return b.moveRows(fmt.Sprintf("Groups{%d:,%d}", from, n), x, index, s[0], s[1], out)
}

// PixelShuffle rearranges the channels of x (B, h·w, u·u·C) to a grid with u times the
// resolution: (B, h·u·w·u, C), "b (h w) (u1 u2 c) -> b (h u1 w u2) c".
func (b *Builder) PixelShuffle(x *Node, h, w, u int) *Node {
	s := b.shape3(x)
	if s == nil {
		return nil
	}
	if u < 1 || s[1] != h*w || s[2]%(u*u) != 0 {
		b.Fail("%v cannot be shuffled by %d×%d over a %d×%d grid", s, u, u, h, w)
		return nil
	}
	index := make([]int32, 0, h*w*u*u)
	for y := range h {
		for u1 := range u {
			for x := range w {
				for u2 := range u {
					index = append(index, int32(((y*w+x)*u+u1)*u+u2))
				}
			}
		}
	}
	n := h * w * u * u
	return b.moveRows(fmt.Sprintf("PixelShuffle{%dx%d*%d}", h, w, u), x, index, s[0], n, tensor.Shape{s[0], n, s[2] / (u * u)})
}

// shape3 is the shape of x if it has three axes.
func (b *Builder) shape3(x *Node) tensor.Shape {
	s := b.Shape(x)
	if s != nil && len(s) != 3 {
		b.Fail("tensor is %v, want three axes (B, T, D)", s)
		return nil
	}
	return s
}

func (b *Builder) moveRows(name string, x *Node, index []int32, batch, inRows int, out tensor.Shape) *Node {
	return b.Apply(Gather{Move: Move{name, index, batch, inRows}, Out: out}, x)
}

// Move is the index of a Gather, and of the Scatter that is its gradient. Neither changes
// it.
type Move struct {
	Name   string
	Index  []int32
	Batch  int
	InRows int // in each batch entry
}

// Gather takes row Index[i] of the input's InRows as row i of the output, in each of Batch
// entries. It is the operation of Builder.Slice, Select, Reorder, Groups and PixelShuffle.
type Gather struct {
	allDiff
	noProducts
	Move
	Out tensor.Shape
}

func (k Gather) String() string { return k.Name }

func (k Gather) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return k.Out.Clone(), ranks(in, 0)
}

func (k Gather) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(Scatter{Move: k.Move, Out: in[0].Shape()}, dy)}
}

// Scatter adds row i of its input to row Index[i] of the output.
type Scatter struct {
	noDiff
	noProducts
	Move
	Out tensor.Shape
}

func (k Scatter) String() string { return k.Name + "Grad" }

func (k Scatter) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return k.Out.Clone(), ranks(in, 0)
}
