package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// Lookup takes rows of a table: row i of Y is row IDs[i] of Table. A number that is no row of
// the table gives a row of NaN.
type Lookup[T Float] struct {
	Y         []T // (N, Dim)
	Table     []T // (Rows, Dim)
	IDs       []T // (N)
	Rows, Dim int
}

// Check reports fields that contradict one another.
func (op *Lookup[T]) Check() error {
	c := checking("Lookup")
	c.length("Table", len(op.Table), op.Rows, op.Dim)
	c.length("Y", len(op.Y), len(op.IDs), op.Dim)
	return c.err
}

// Run computes Y.
func (op *Lookup[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.IDs), pool.PerTask(op.Dim)), op) }

// Do copies some rows.
func (op *Lookup[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), len(op.IDs))
	for i := lo; i < hi; i++ {
		y := op.Y[i*op.Dim : (i+1)*op.Dim]
		if from, ok := row(op.IDs[i], op.Rows); ok {
			copy(y, op.Table[from*op.Dim:])
			continue
		}
		for j := range y {
			y[j] = T(math.NaN())
		}
	}
}

// row is the number id, if it is one of n rows.
func row[T Float](id T, n int) (int, bool) {
	if !(id >= 0 && float64(id) < float64(n)) || T(int(id)) != id {
		return 0, false
	}
	return int(id), true
}

// LookupGrad is the derivative of Lookup with respect to Table: row r is the sum of the rows i
// of DY that have IDs[i] = r, in the order of i.
type LookupGrad[T Float] struct {
	DTable    []T // (Rows, Dim)
	DY        []T // (N, Dim)
	IDs       []T // (N)
	Rows, Dim int
}

// Check reports fields that contradict one another.
func (op *LookupGrad[T]) Check() error {
	c := checking("LookupGrad")
	c.length("DTable", len(op.DTable), op.Rows, op.Dim)
	c.length("DY", len(op.DY), len(op.IDs), op.Dim)
	return c.err
}

// Run computes DTable.
func (op *LookupGrad[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), op) }

// Do computes some rows: it owns them, so nobody else adds.
func (op *LookupGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	clear(op.DTable[lo*op.Dim : hi*op.Dim])
	for i, id := range op.IDs {
		if r, ok := row(id, op.Rows); ok && r >= lo && r < hi {
			to := op.DTable[r*op.Dim : (r+1)*op.Dim]
			for j, v := range op.DY[i*op.Dim : (i+1)*op.Dim] {
				to[j] += v
			}
		}
	}
}
