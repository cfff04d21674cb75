package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// lossSums adds up what the pieces of a loss contribute: in float64, and in the order of the pieces, so
// that the result has the same bits for any number of threads.
type lossSums struct{ pieces [][2]float64 } // the sum, and what it is divided by

// begin makes room for n pieces. It allocates in the first run.
func (s *lossSums) begin(n int) {
	if cap(s.pieces) < n {
		s.pieces = make([][2]float64, n)
	}
	s.pieces = s.pieces[:n]
	clear(s.pieces)
}

// total adds up the pieces.
func (s *lossSums) total() (sum, over float64) {
	for _, p := range s.pieces {
		sum += p[0]
		over += p[1]
	}
	return sum, over
}

// ratio is sum / over, and 0 where nothing counts. A NaN stays one.
func ratio(sum, over float64) float64 {
	if over == 0 && !math.IsNaN(sum) {
		return 0
	}
	return sum / over
}

// term is a loss that is a mean over elements.
type term interface {
	// at returns the loss of element j and its derivative.
	at(j int) (value, slope float64)
	// counts reports whether element j counts.
	counts(j int) bool
}

// elementLoss computes the mean of terms, or its gradient.
type elementLoss[T Float] struct {
	of    term
	n     int
	dx    []T
	sums  lossSums
	pass  elementPass
	scale float64 // of the gradient
}

type elementPass int

const (
	elementSums     elementPass = iota // count and add up what counts
	elementCounts                      // count
	elementGradient                    // write the gradient
)

// run computes y (1), or the gradient dx times dy (1) where there is one.
func (e *elementLoss[T]) run(p *Pool, of term, n int, y, dx, dy []T) {
	e.of, e.n, e.dx, e.pass = of, n, dx, elementSums
	if dx != nil {
		e.pass = elementCounts
	}
	e.sums.begin(pool.Blocks(n, elementGrain))
	p.Run(len(e.sums.pieces), e)
	sum, over := e.sums.total()
	if dx == nil {
		y[0] = T(ratio(sum, over))
		return
	}
	e.pass, e.scale = elementGradient, ratio(float64(dy[0]), over)
	p.Run(len(e.sums.pieces), e)
}

// elementGrain is how many elements, of an exp and a logarithm each, make a task.
const elementGrain = pool.Grain / 16

// Do computes some elements.
func (e *elementLoss[T]) Do(_, i int) {
	lo, hi := pool.Span(i, elementGrain, e.n)
	var sum, over float64
	for j := lo; j < hi; j++ {
		counts := e.of.counts(j)
		switch {
		case e.pass == elementGradient && counts:
			_, slope := e.of.at(j)
			e.dx[j] = T(e.scale * slope)
		case e.pass == elementGradient:
			e.dx[j] = 0
		case counts && e.pass == elementSums:
			v, _ := e.of.at(j)
			sum += v
			over++
		case counts:
			over++
		}
	}
	if e.pass != elementGradient {
		e.sums.pieces[i] = [2]float64{sum, over}
	}
}

// masked reports whether element j counts: there is no mask, or it is not 0.
func masked[T Float](mask []T, j int) bool { return mask == nil || mask[j] != 0 }

// lossLengths checks what is computed: Y (1), or DX of n elements from DY (1).
func lossLengths[T Float](c *checker, y, dx, dy []T, n int) {
	if dx == nil {
		c.length("Y", len(y), 1)
		return
	}
	c.length("DX", len(dx), n)
	c.length("DY", len(dy), 1)
}
