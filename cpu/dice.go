package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// Dice is 1 - (2·Σpt + Smooth) / (Σp² + Σt² + Smooth) of each picture and class, the mean, p the softmax
// of logits and t 1 for the label's class; or its gradient DX = DY · dY/dX, where DX is given. Pixels
// that do not count are in no sum.
type Dice[T Float] struct {
	Y             []T // (1)
	DX, DY        []T // (Batch, Pixels, Classes), (1)
	X             []T // (Batch, Pixels, Classes)
	Batch, Pixels int
	Smooth        float64
	Small         int // the limit of small operations, see SmallDefault; 0: none
	ClassLabels[T]

	softmax softmaxRows
	work    workRows[T]
	pieces  []float64    // for each piece and class: Σpt, Σp², Σt
	slopes  [][2]float64 // by picture and class: of Σpt and of Σp²
	grad    bool         // the second pass of a gradient
}

// dicePixels is how many pixels of one picture a task computes.
const dicePixels = 1024

// Check reports fields that contradict one another.
func (op *Dice[T]) Check() error {
	c := checking("Dice")
	c.least("Classes", op.Classes, 1)
	c.length("X", len(op.X), op.Batch, op.Pixels, op.Classes)
	c.length("Labels", len(op.Labels), op.Batch, op.Pixels)
	lossLengths(c, op.Y, op.DX, op.DY, len(op.X))
	return c.err
}

// Run computes Y or DX.
func (op *Dice[T]) Run(p *Pool) {
	op.softmax.begin(p, tableFor[T](p), op.Small, len(op.X))
	op.grad = false
	op.work.begin(p, op.Classes)
	n := op.Batch * pool.Blocks(op.Pixels, dicePixels)
	if need := 3 * n * op.Classes; cap(op.pieces) < need {
		op.pieces = make([]float64, need)
	}
	if need := op.Batch * op.Classes; cap(op.slopes) < need {
		op.slopes = make([][2]float64, need)
	}
	op.pieces, op.slopes = op.pieces[:3*n*op.Classes], op.slopes[:op.Batch*op.Classes]
	clear(op.pieces)
	p.Run(n, op)
	loss := op.join()
	if op.DX == nil {
		op.Y[0] = T(loss)
		return
	}
	op.grad = true
	p.Run(n, op)
}

// join adds up the pieces and returns the loss; slopes become its derivatives.
func (op *Dice[T]) join() (loss float64) {
	per := pool.Blocks(op.Pixels, dicePixels)
	mean := 1 / float64(op.Batch*op.Classes)
	for b := range op.Batch {
		for c := range op.Classes {
			var s [3]float64
			for i := range per {
				at := 3 * ((b*per+i)*op.Classes + c)
				for j := range s {
					s[j] += op.pieces[at+j]
				}
			}
			up, down := 2*s[0]+op.Smooth, s[1]+s[2]+op.Smooth
			loss += mean * (1 - up/down)
			op.slopes[b*op.Classes+c] = [2]float64{-2 * mean / down, mean * up / (down * down)}
		}
	}
	return loss
}

// Do computes some pixels of one picture.
func (op *Dice[T]) Do(worker, i int) {
	per := pool.Blocks(op.Pixels, dicePixels)
	b := i / per
	lo, hi := pool.Span(i%per, dicePixels, op.Pixels)
	for r := b*op.Pixels + lo; r < b*op.Pixels+hi; r++ {
		y := op.label(r)
		if op.grad {
			op.gradient(worker, b, r, y)
			continue
		}
		if y == ignoredLabel {
			continue
		}
		e := op.work.of(worker)
		_, sum := exps(&op.softmax, worker, e, op.X[r*op.Classes:(r+1)*op.Classes])
		if y == wrongLabel {
			sum = math.NaN()
		}
		sums := op.pieces[3*i*op.Classes:][:3*op.Classes]
		for c, v := range e {
			p := float64(v) / sum
			sums[3*c+1] += p * p
		}
		if y >= 0 {
			sums[3*y] += float64(e[y]) / sum
			sums[3*y+2]++
		}
	}
}

// gradient writes that of pixel r: of p it is t·slope + 2p·slope, of the logits p·(g - Σgp).
func (op *Dice[T]) gradient(worker, b, r, y int) {
	dx := op.DX[r*op.Classes : (r+1)*op.Classes]
	if y == ignoredLabel {
		clear(dx)
		return
	}
	_, sum := exps(&op.softmax, worker, dx, op.X[r*op.Classes:(r+1)*op.Classes])
	if y == wrongLabel {
		sum = math.NaN()
	}
	slopes := op.slopes[b*op.Classes:][:op.Classes]
	slope := func(c int, p float64) float64 {
		g := 2 * p * slopes[c][1]
		if c == y {
			g += slopes[c][0]
		}
		return g
	}
	var mean float64
	for c, e := range dx {
		p := float64(e) / sum
		mean += p * slope(c, p)
	}
	dy := float64(op.DY[0])
	for c, e := range dx {
		p := float64(e) / sum
		dx[c] = T(dy * p * (slope(c, p) - mean))
	}
}
