package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Lookup takes rows of a table (…, D) by their numbers, ids of any shape (…): (…, D). All axes
// of the table but the last count its rows: those of (B, T, D) are b·T + t. Numbers are
// elements of the graph's type; one that is no row of the table gives a row of NaN. Ids have
// no gradient.
func (b *Builder) Lookup(table, ids *Node) *Node { return b.Apply(Lookup{}, table, ids) }

// Lookup is the operation of Builder.Lookup.
type Lookup struct{ noProducts }

func (Lookup) String() string { return "Lookup" }

func (Lookup) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 2 || len(in[0]) < 2 || len(in[1]) < 1 {
		return nil, fmt.Errorf("inputs are %v, want a table (…, D) and ids (…)", in)
	}
	return append(in[1].Clone(), last(in[0])), nil
}

// Diff reports a gradient for the table.
func (Lookup) Diff(int) []bool { return []bool{true, false} }

func (Lookup) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(LookupGrad{Table: in[0].Shape()}, in[1], dy), nil}
}

// LookupGrad is dtable from ids and dy: each row is the sum of the rows of dy that were read
// from it.
type LookupGrad struct {
	noDiff
	noProducts
	Table tensor.Shape
}

func (k LookupGrad) String() string { return fmt.Sprintf("LookupGrad{%v}", k.Table) }

func (k LookupGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 2 || len(in[1]) < 1 || last(in[1]) != last(k.Table) || rows(in[1]) != in[0].TotalSize() {
		return nil, fmt.Errorf("inputs are %v, want ids and a row of %d for each", in, last(k.Table))
	}
	return k.Table.Clone(), nil
}
