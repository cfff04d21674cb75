package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Table is a bilinear resize of a square position table, and a crop: x
// (1, Grid·Grid, D) is resized to Square×Square and its top-left H×W is kept,
// (1, H·W, D). Positions are PyTorch's, without antialiasing; see
// torch.nn.functional.interpolate for AlignCorners.
type Table struct {
	Grid, Square, H, W int
	AlignCorners       bool
}

// ResizeTable applies t to the table x.
func (b *Builder) ResizeTable(x *Node, t Table) *Node { return b.Apply(resizeTable{table: t}, x) }

type resizeTable struct {
	allDiff
	table Table
}

func (k resizeTable) String() string { return fmt.Sprintf("ResizeTable{%+v}", k.table) }

func (k resizeTable) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	t := k.table
	if in[0][0] != 1 || in[0][1] != t.Grid*t.Grid {
		return nil, fmt.Errorf("table is %v, want (1, %d·%d, D)", in[0], t.Grid, t.Grid)
	}
	if t.H < 1 || t.W < 1 || t.H > t.Square || t.W > t.Square {
		return nil, fmt.Errorf("a window of %d×%d does not fit a table of %d×%d", t.H, t.W, t.Square, t.Square)
	}
	return tensor.Shape{1, t.H * t.W, in[0][2]}, nil
}

func (k resizeTable) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindResizeTable[float32], bindResizeTable[float64])
}

func bindResizeTable[T cpu.Float](k resizeTable, a *Args) Runner {
	t := k.table
	return &cpu.ResizeTable[T]{
		Y: out[T](a), X: in[T](a, 0), Grid: t.Grid, Square: t.Square, H: t.H, W: t.W,
		Dim: last(a.In[0].Shape()), AlignCorners: t.AlignCorners,
	}
}

func (k resizeTable) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(resizeTableGrad{table: k.table}, dy)}
}

// resizeTableGrad spreads dy (1, H·W, D) back over the table (1, Grid·Grid, D).
type resizeTableGrad struct {
	noDiff
	table Table
}

func (k resizeTableGrad) String() string { return fmt.Sprintf("ResizeTableGrad{%+v}", k.table) }

func (k resizeTableGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	return tensor.Shape{1, k.table.Grid * k.table.Grid, in[0][2]}, nil
}

func (k resizeTableGrad) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindResizeTableGrad[float32], bindResizeTableGrad[float64])
}

func bindResizeTableGrad[T cpu.Float](k resizeTableGrad, a *Args) Runner {
	t := k.table
	return &cpu.ResizeTableGrad[T]{
		DX: out[T](a), DY: in[T](a, 0), Grid: t.Grid, Square: t.Square, H: t.H, W: t.W,
		Dim: last(a.In[0].Shape()), AlignCorners: t.AlignCorners,
	}
}
