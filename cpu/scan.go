package cpu

import (
	"math"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// ScanStep is what rows of a Scan are long in multiples of, padded with zeros.
const ScanStep = kernel.ScanStep

// Scan is the first pass of a search: the products of each of many rows of int8 with a query of
// int16. They are exact.
type Scan struct {
	Y     []int32 // (Rows)
	X     []int8  // (Rows, Cols)
	Query []int16 // (Cols), each within ± ScanMost(Cols)
	Rows  int
	Cols  int // a multiple of ScanStep

	table *kernel.Table
}

// ScanMost is the largest number in a query of so many elements: sums of products then stay within
// 32 bits, whatever the rows are.
func ScanMost(cols int) int {
	return min(math.MaxInt16, math.MaxInt32/(128*max(1, cols)))
}

// Check reports fields that contradict one another.
func (op *Scan) Check() error {
	c := checking("Scan")
	c.length("Y", len(op.Y), op.Rows)
	c.length("X", len(op.X), op.Rows, op.Cols)
	c.length("Query", len(op.Query), op.Cols)
	if op.Cols%ScanStep != 0 {
		c.fail("Cols is %d, want a multiple of %d", op.Cols, ScanStep)
	}
	if c.err == nil {
		most := ScanMost(op.Cols)
		for i, q := range op.Query {
			if int(q) > most || int(q) < -most {
				c.fail("Query has %d at %d, want at most ±%d", q, i, most)
				break
			}
		}
	}
	return c.err
}

// Run computes Y.
func (op *Scan) Run(p *Pool) {
	if op.Cols == 0 {
		clear(op.Y)
		return
	}
	op.table = p.table()
	p.Run(pool.Blocks(op.Rows, op.perTask()), op)
}

// perTask is how many rows a piece has. They are read once, from memory.
func (op *Scan) perTask() int { return max(1, (1<<18)/op.Cols) }

// Do computes some rows.
func (op *Scan) Do(_, i int) {
	lo, hi := pool.Span(i, op.perTask(), op.Rows)
	op.table.Scan(unsafe.Pointer(&op.Y[lo]), unsafe.Pointer(&op.X[lo*op.Cols]), unsafe.Pointer(&op.Query[0]), op.Cols, hi-lo, op.Cols)
}
