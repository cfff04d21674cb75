package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Table resizes and crops a square position table. x (1, Grid·Grid, D) is resized to
// Square×Square, bilinearly, and its top-left H×W is the result, (1, H·W, D). It
// computes the same as PyTorch without antialiasing; see
// torch.nn.functional.interpolate for AlignCorners.
type Table struct {
	Grid, Square, H, W int
	AlignCorners       bool
}

// ResizeTable applies t to the table x.
func (b *Builder) ResizeTable(x *Node, t Table) *Node { return b.Apply(ResizeTable{Table: t}, x) }

// ResizeTable is the operation of Builder.ResizeTable.
type ResizeTable struct {
	allDiff
	noProducts
	Table Table
}

func (k ResizeTable) String() string { return fmt.Sprintf("ResizeTable{%+v}", k.Table) }

func (k ResizeTable) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	t := k.Table
	if in[0][0] != 1 || in[0][1] != t.Grid*t.Grid {
		return nil, fmt.Errorf("table is %v, want (1, %d·%d, D)", in[0], t.Grid, t.Grid)
	}
	if t.H < 1 || t.W < 1 || t.H > t.Square || t.W > t.Square {
		return nil, fmt.Errorf("a window of %d×%d does not fit a table of %d×%d", t.H, t.W, t.Square, t.Square)
	}
	return tensor.Shape{1, t.H * t.W, in[0][2]}, nil
}

func (k ResizeTable) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(ResizeTableGrad{Table: k.Table}, dy)}
}

// ResizeTableGrad spreads dy (1, H·W, D) back over the table (1, Grid·Grid, D).
type ResizeTableGrad struct {
	noDiff
	noProducts
	Table Table
}

func (k ResizeTableGrad) String() string { return fmt.Sprintf("ResizeTableGrad{%+v}", k.Table) }

func (k ResizeTableGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	return tensor.Shape{1, k.Table.Grid * k.Table.Grid, in[0][2]}, nil
}
