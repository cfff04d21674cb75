package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Concat joins the rows of A and B in each batch, such as prefix tokens and patches.
// With BroadcastA every batch has the same A. With Sum, which is the same in every
// batch, it uses B + Sum instead of B, such as patches and their positions.
type Concat[T Float] struct {
	Y                        []T // (Batch, ARows+BRows, Dim)
	A                        []T // (Batch, ARows, Dim), or (ARows, Dim) if BroadcastA
	B                        []T // (Batch, BRows, Dim)
	Sum                      []T // (BRows, Dim), or nil
	Batch, ARows, BRows, Dim int
	BroadcastA               bool

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *Concat[T]) Check() error {
	c := checking("Concat")
	if op.BroadcastA {
		c.length("A", len(op.A), op.ARows, op.Dim)
	} else {
		c.length("A", len(op.A), op.Batch, op.ARows, op.Dim)
	}
	c.length("B", len(op.B), op.Batch, op.BRows, op.Dim)
	if op.Sum != nil {
		c.length("Sum", len(op.Sum), op.BRows, op.Dim)
	}
	c.length("Y", len(op.Y), op.Batch, op.ARows+op.BRows, op.Dim)
	return c.err
}

// Run computes Y.
func (op *Concat[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(op.Batch*pool.Blocks(op.ARows+op.BRows, pool.PerTask(op.Dim)), op)
}

// Do computes some rows of one batch.
func (op *Concat[T]) Do(_, i int) {
	rows, d := op.ARows+op.BRows, op.Dim
	n := pool.Blocks(rows, pool.PerTask(d))
	b := i / n
	lo, hi := pool.Span(i%n, pool.PerTask(d), rows)
	y := op.Y[b*rows*d:]
	if to := min(hi, op.ARows); lo < to {
		a := op.A
		if !op.BroadcastA {
			a = a[b*op.ARows*d:]
		}
		copy(y[lo*d:to*d], a[lo*d:])
	}
	if from := max(lo, op.ARows); from < hi {
		at := (from - op.ARows) * d
		y, x := y[from*d:hi*d], op.B[b*op.BRows*d+at:]
		if op.Sum == nil {
			copy(y, x)
			return
		}
		combine(op.table, Add, y, x, op.Sum[at:])
	}
}
