package cpu

import "cradio/cpu/internal/pool"

// Neighbours joins each token of a grid with the eight around it: the rows that make a 3×3
// convolution a product of matrices. Beyond the edge are zeros.
type Neighbours[T Float] struct {
	Y, X                  []T // (Batch, H·W, Channels, 3, 3), (Batch, H·W, Channels)
	Batch, H, W, Channels int
}

// Check reports fields that contradict one another.
func (op *Neighbours[T]) Check() error {
	c := checking("Neighbours")
	c.length("X", len(op.X), op.Batch, op.H, op.W, op.Channels)
	c.length("Y", len(op.Y), op.Batch, op.H, op.W, op.Channels, 9)
	return c.err
}

// Run computes Y.
func (op *Neighbours[T]) Run(p *Pool) {
	p.Run(pool.Blocks(op.Batch*op.H*op.W, pool.PerTask(9*op.Channels)), op)
}

// Do computes some tokens.
func (op *Neighbours[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(9*op.Channels), op.Batch*op.H*op.W)
	for token := lo; token < hi; token++ {
		y := op.Y[token*9*op.Channels:][:9*op.Channels]
		for at := range 9 {
			from, inside := neighbour(token, at, op.H, op.W)
			if !inside {
				for c := range op.Channels {
					y[9*c+at] = 0
				}
				continue
			}
			for c, v := range op.X[from*op.Channels:][:op.Channels] {
				y[9*c+at] = v
			}
		}
	}
}

// neighbour is the token at place `at` of the 3×3 around a token, row by row; inside is false
// beyond the edge of the grid.
func neighbour(token, at, h, w int) (other int, inside bool) {
	y, x := token/w%h+at/3-1, token%w+at%3-1
	return token + (at/3-1)*w + at%3 - 1, y >= 0 && y < h && x >= 0 && x < w
}

// NeighboursGrad is the derivative of Neighbours with respect to X, summed in float64.
type NeighboursGrad[T Float] struct {
	DX, DY                []T // as X and Y of Neighbours
	Batch, H, W, Channels int
}

// Check reports fields that contradict one another.
func (op *NeighboursGrad[T]) Check() error {
	c := checking("NeighboursGrad")
	c.length("DX", len(op.DX), op.Batch, op.H, op.W, op.Channels)
	c.length("DY", len(op.DY), op.Batch, op.H, op.W, op.Channels, 9)
	return c.err
}

// Run computes DX.
func (op *NeighboursGrad[T]) Run(p *Pool) {
	p.Run(pool.Blocks(op.Batch*op.H*op.W, pool.PerTask(9*op.Channels)), op)
}

// Do computes some tokens. A token is at place 8-at of its neighbour at place `at`.
func (op *NeighboursGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(9*op.Channels), op.Batch*op.H*op.W)
	for token := lo; token < hi; token++ {
		var rows [9][]T
		for at := range 9 {
			if other, inside := neighbour(token, at, op.H, op.W); inside {
				rows[at] = op.DY[other*9*op.Channels:][:9*op.Channels]
			}
		}
		dx := op.DX[token*op.Channels:][:op.Channels]
		for c := range dx {
			sum := 0.0
			for at, row := range rows {
				if row != nil {
					sum += float64(row[9*c+8-at])
				}
			}
			dx[c] = T(sum)
		}
	}
}
