package cputest

import (
	"fmt"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// logitRows are rows of logits by classes, around the widths of registers.
var logitRows = [][2]int{{1, 1}, {3, 2}, {5, 7}, {4, 8}, {9, 15}, {7, 16}, {6, 17}, {33, 31}, {40, 100}, {3, 1003}, {300, 150}}

// labelled are logits far from 0 with labels, of which one in eight is ignored.
func labelled[T cpu.Float](s source, rows, classes int, deviation float64) (logits, labels []T) {
	logits, labels = normal[T](s, rows*classes, deviation), buffer[T](s.t, rows)
	for i := range logits {
		logits[i] -= 40 // the largest of a row is not 0
	}
	for i := range labels {
		labels[i] = T(s.rng.IntN(classes))
		if i%8 == 7 {
			labels[i] = 255
		}
	}
	return logits, labels
}

// lossTerms are options of cross entropies.
func lossTerms[T cpu.Float](s source, labels []T, classes int, smoothing float64, weighted bool) cpu.CrossEntropyTerms[T] {
	terms := cpu.CrossEntropyTerms[T]{ClassLabels: cpu.ClassLabels[T]{Labels: labels, Classes: classes, Ignore: 255}, Smoothing: smoothing}
	if weighted {
		terms.Weight = buffer[T](s.t, classes)
		for c := range terms.Weight {
			terms.Weight[c] = T(0.5 + s.rng.Float64())
		}
	}
	return terms
}

// in64 are terms in float64.
func in64[T cpu.Float](terms cpu.CrossEntropyTerms[T]) cpu.CrossEntropyTerms[float64] {
	return cpu.CrossEntropyTerms[float64]{
		ClassLabels: cpu.ClassLabels[float64]{Labels: float64s(terms.Labels), Classes: terms.Classes, Ignore: terms.Ignore},
		Weight:      float64s(terms.Weight), Smoothing: terms.Smoothing, OverAll: terms.OverAll, Soft: terms.Soft,
	}
}

// crossEntropy compares the loss and its gradient with those in float64.
func crossEntropy[T cpu.Float](t *test) {
	for i, size := range logitRows {
		rows, classes := size[0], size[1]
		for _, smoothing := range []float64{0, 0.1} {
			for _, weighted := range []bool{false, true} {
				t.Run(fmt.Sprintf("%dx%d/%v/%t", rows, classes, smoothing, weighted), func(t *test) {
					s := from(t, uint64(i))
					x, labels := labelled[T](s, rows, classes, 5)
					op := cpu.CrossEntropy[T]{X: x, Rows: rows, CrossEntropyTerms: lossTerms(s, labels, classes, smoothing, weighted)}
					truth := cpu.CrossEntropy[float64]{X: float64s(x), Rows: rows, CrossEntropyTerms: in64(op.CrossEntropyTerms)}
					op.Y, truth.Y = dirty[T](s, 1), make([]float64, 1)
					run(t, &truth)
					verify(t, &op, op.Y, truth.Y, 8)
					op.Y, truth.Y = nil, nil
					op.DX, truth.DX = dirty[T](s, len(x)), make([]float64, len(x))
					op.DY, truth.DY = []T{0.75}, []float64{0.75}
					run(t, &truth)
					verify(t, &op, op.DX, truth.DX, 8)
				})
			}
		}
	}
}

// resizedCrossEntropy compares with resizing and a cross entropy in float64.
func resizedCrossEntropy[T cpu.Float](t *test) {
	for i, size := range []cpu.Bilinear{
		{FromH: 1, FromW: 1, H: 1, W: 1}, {FromH: 1, FromW: 1, H: 5, W: 3}, {FromH: 3, FromW: 5, H: 37, W: 61}, {FromH: 4, FromW: 3, H: 64, W: 48},
		{FromH: 9, FromW: 7, H: 2, W: 3}, {FromH: 6, FromW: 3, H: 3, W: 9}, {FromH: 5, FromW: 4, H: 5, W: 4}, {FromH: 32, FromW: 32, H: 64, W: 64},
	} {
		for _, classes := range []int{1, 5, 16, 37} {
			t.Run(fmt.Sprintf("%v/%d", size, classes), func(t *test) { resizedOnce[T](t, uint64(i), size, classes) })
		}
	}
}

func resizedOnce[T cpu.Float](t *test, seed uint64, size cpu.Bilinear, classes int) {
	const batch = 2
	s := from(t, seed)
	x := normal[T](s, batch*size.FromH*size.FromW*classes, 3)
	_, labels := labelled[T](s, batch*size.H*size.W, classes, 1)
	smoothing := float64(seed%2) / 10
	op := cpu.ResizedCrossEntropy[T]{X: x, Batch: batch, Bilinear: size, CrossEntropyTerms: lossTerms(s, labels, classes, smoothing, seed%3 == 0)}
	op.Scratch = dirty[T](s, cpu.ResizedCrossEntropyScratch(batch, classes, size, true, most))

	large := make([]float64, batch*size.H*size.W*classes)
	run(t, &cpu.Resize[float64]{X: float64s(x), Y: large, Batch: batch, Dim: classes, Bilinear: size})
	truth := cpu.CrossEntropy[float64]{X: large, Rows: len(labels), Y: make([]float64, 1), CrossEntropyTerms: in64(op.CrossEntropyTerms)}
	run(t, &truth)
	op.Y = dirty[T](s, 1)
	verify(t, &op, op.Y, truth.Y, 8)

	loss := truth.Y
	truth.Y, truth.DX, truth.DY = nil, make([]float64, len(large)), []float64{0.75}
	run(t, &truth)
	want := make([]float64, len(x))
	run(t, &cpu.ResizeGrad[float64]{DX: want, DY: truth.DX, Batch: batch, Dim: classes, Bilinear: size})
	op.Y, op.DX, op.DY = nil, dirty[T](s, len(x)), []T{0.75}
	verify(t, &op, op.DX, want, 64)

	grad := append([]T(nil), op.DX...)
	op.Y = dirty[T](s, 1)
	verify(t, &op, op.Y, loss, 8)
	sameBits(t, grad, op.DX, "with the loss")
}

// otherLosses compares focal and Dice losses with those in float64.
func otherLosses[T cpu.Float](t *test) {
	for i, size := range logitRows {
		rows, classes := size[0], size[1]
		s := from(t, uint64(i))
		x, labels := labelled[T](s, 2*rows, classes, 2)
		classLabels := cpu.ClassLabels[T]{Labels: labels, Classes: classes, Ignore: 255}
		labels64 := cpu.ClassLabels[float64]{Labels: float64s(labels), Classes: classes, Ignore: 255}
		t.Run(fmt.Sprintf("focal %dx%d", rows, classes), func(t *test) {
			op := cpu.SoftmaxFocal[T]{Y: dirty[T](s, 1), X: x, Rows: 2 * rows, Gamma: 2, ClassLabels: classLabels}
			truth := cpu.SoftmaxFocal[float64]{Y: make([]float64, 1), X: float64s(x), Rows: 2 * rows, Gamma: 2, ClassLabels: labels64}
			run(t, &truth)
			verify(t, &op, op.Y, truth.Y, 16)
			op.Y, op.DX, op.DY = nil, dirty[T](s, len(x)), []T{1}
			truth.Y, truth.DX, truth.DY = nil, make([]float64, len(x)), []float64{1}
			run(t, &truth)
			verify(t, &op, op.DX, truth.DX, 16)
		})
		t.Run(fmt.Sprintf("dice %dx%d", rows, classes), func(t *test) {
			op := cpu.Dice[T]{Y: dirty[T](s, 1), X: x, Batch: 2, Pixels: rows, Smooth: 1, ClassLabels: classLabels}
			truth := cpu.Dice[float64]{Y: make([]float64, 1), X: float64s(x), Batch: 2, Pixels: rows, Smooth: 1, ClassLabels: labels64}
			run(t, &truth)
			verify(t, &op, op.Y, truth.Y, 16)
			op.Y, op.DX, op.DY = nil, dirty[T](s, len(x)), []T{1}
			truth.Y, truth.DX, truth.DY = nil, make([]float64, len(x)), []float64{1}
			run(t, &truth)
			verify(t, &op, op.DX, truth.DX, 16)
		})
	}
}

// nothingCounts: a loss without a label that counts is 0, and so is its gradient.
func nothingCounts[T cpu.Float](t *test) {
	const rows, classes = 6, 5
	size := cpu.Bilinear{FromH: 1, FromW: 2, H: 2, W: 3}
	s := from(t, 1)
	x, labels := normal[T](s, rows*classes, 3), buffer[T](t, rows)
	for i := range labels {
		labels[i] = 255
	}
	terms := lossTerms(s, labels, classes, 0.1, true)
	scratch := make([]T, cpu.ResizedCrossEntropyScratch(1, classes, size, true, most))
	small := x[:2*classes]
	zero, valid := make([]T, 1), make([]T, len(x))
	for name, op := range map[string]Op{
		"cross entropy":         &cpu.CrossEntropy[T]{Y: zero, X: x, Rows: rows, CrossEntropyTerms: terms},
		"resized cross entropy": &cpu.ResizedCrossEntropy[T]{Y: zero, X: small, Batch: 1, Bilinear: size, Scratch: scratch, CrossEntropyTerms: terms},
		"focal":                 &cpu.SoftmaxFocal[T]{Y: zero, X: x, Rows: rows, Gamma: 2, ClassLabels: terms.ClassLabels},
		"binary":                &cpu.BinaryLoss[T]{Y: zero, X: x, Targets: valid, Known: valid},
		"L1":                    &cpu.RegressionLoss[T]{Y: zero, X: x, Target: valid, Valid: valid},
		"silog":                 &cpu.SILog[T]{Y: zero, X: x, Target: x, Valid: valid, Lambda: 0.15, Eps: 1e-3},
		"gradient":              &cpu.GradientLog[T]{Y: zero, X: x, Target: x, Valid: valid, Maps: 1, H: rows, W: classes, Eps: 1e-3},
	} {
		zero[0] = 7
		run(t, op)
		require.Zero(t, zero[0], name)
	}
	grad, one := dirty[T](s, len(x)), []T{1}
	for name, op := range map[string]Op{
		"cross entropy":         &cpu.CrossEntropy[T]{DX: grad, DY: one, X: x, Rows: rows, CrossEntropyTerms: terms},
		"resized cross entropy": &cpu.ResizedCrossEntropy[T]{DX: grad[:2*classes], DY: one, X: small, Batch: 1, Bilinear: size, Scratch: scratch, CrossEntropyTerms: terms},
		"focal":                 &cpu.SoftmaxFocal[T]{DX: grad, DY: one, X: x, Rows: rows, Gamma: 2, ClassLabels: terms.ClassLabels},
		"dice":                  &cpu.Dice[T]{DX: grad, DY: one, X: x, Batch: 1, Pixels: rows, Smooth: 1, ClassLabels: terms.ClassLabels},
		"binary":                &cpu.BinaryLoss[T]{DX: grad, DY: one, X: x, Targets: valid, Known: valid},
		"L1":                    &cpu.RegressionLoss[T]{DX: grad, DY: one, X: x, Target: valid, Valid: valid},
		"silog":                 &cpu.SILog[T]{DX: grad, DY: one, X: x, Target: x, Valid: valid, Lambda: 0.15, Eps: 1e-3},
		"gradient":              &cpu.GradientLog[T]{DX: grad, DY: one, X: x, Target: x, Valid: valid, Maps: 1, H: rows, W: classes, Eps: 1e-3},
	} {
		for i := range grad {
			grad[i] = 7
		}
		run(t, op)
		n := len(grad)
		if name == "resized cross entropy" {
			n = 2 * classes
		}
		for i, v := range grad[:n] {
			require.Zero(t, v, "%s, element %d", name, i)
		}
	}
}
