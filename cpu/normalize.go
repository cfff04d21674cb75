package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Normalize is y = (x - mean[c]) / std[c] on planes, the input conditioner. It
// subtracts and divides in T, as PyTorch does. Y may be X.
type Normalize[T Float] struct {
	Y, X                   []T // (Batch, Channels, Plane)
	Mean, Std              []T // (Channels)
	Batch, Channels, Plane int

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *Normalize[T]) Check() error {
	c := checking("Normalize")
	c.length("X", len(op.X), op.Batch, op.Channels, op.Plane)
	c.length("Y", len(op.Y), op.Batch, op.Channels, op.Plane)
	c.length("Mean", len(op.Mean), op.Channels)
	c.length("Std", len(op.Std), op.Channels)
	return c.err
}

// Run computes Y.
func (op *Normalize[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(op.Batch*op.Channels*pool.Blocks(op.Plane, pool.Grain), op)
}

// Do computes a piece of a plane.
func (op *Normalize[T]) Do(_, i int) {
	x, y, c := plane(i, op.X, op.Y, op.Channels, op.Plane)
	normalizeRows(op.table, y, len(y), x, len(x), 1, len(x), op.Mean[c], op.Std[c])
}

// normalizeRows writes (x - mean) / std for rows of n elements, ldx apart in x, to rows
// ldy apart in y, with a table's kernel if there is one.
func normalizeRows[T Float](k *kernel.Table, y []T, ldy int, x []T, ldx, rows, n int, mean, std T) {
	if k != nil && rows*n > 0 {
		k.NormalizeRows(kernel.At(y, 0), 4*ldy, kernel.At(x, 0), 4*ldx, rows, n, float32(mean), float32(std))
		return
	}
	for r := range rows {
		kernel.NormalizeRow(y[r*ldy:][:n], x[r*ldx:][:n], mean, std)
	}
}

// NormalizeGrad is dx = dy / std[c], the derivative of Normalize with respect to x. DX
// may be DY.
type NormalizeGrad[T Float] struct {
	DX, DY                 []T // (Batch, Channels, Plane)
	Std                    []T // (Channels)
	Batch, Channels, Plane int
}

// Check reports fields that contradict one another.
func (op *NormalizeGrad[T]) Check() error {
	c := checking("NormalizeGrad")
	c.length("DX", len(op.DX), op.Batch, op.Channels, op.Plane)
	c.length("DY", len(op.DY), op.Batch, op.Channels, op.Plane)
	c.length("Std", len(op.Std), op.Channels)
	return c.err
}

// Run computes DX.
func (op *NormalizeGrad[T]) Run(p *Pool) {
	p.Run(op.Batch*op.Channels*pool.Blocks(op.Plane, pool.Grain), op)
}

// Do computes a piece of a plane.
func (op *NormalizeGrad[T]) Do(_, i int) {
	dy, dx, c := plane(i, op.DY, op.DX, op.Channels, op.Plane)
	std := op.Std[c]
	for j, v := range dy {
		dx[j] = v / std
	}
}

// plane is the i-th piece of x and y, which lies in one plane, and its channel.
func plane[T Float](i int, x, y []T, channels, size int) (px, py []T, c int) {
	n := pool.Blocks(size, pool.Grain)
	lo, hi := pool.Span(i%n, pool.Grain, size)
	at := i / n * size
	return x[at+lo : at+hi], y[at+lo : at+hi], i / n % channels
}
