package cpu_test

import (
	"fmt"
	"testing"

	"cradio/cpu"
	"cradio/cpu/cputest"
)

// BenchmarkCrossEntropy is the loss and its gradient for a batch of 1024 rows.
func BenchmarkCrossEntropy(b *testing.B) {
	for _, classes := range []int{100, 1000, 1300} {
		b.Run(fmt.Sprintf("1024x%d", classes), func(b *testing.B) {
			const rows = 1024
			x, labels := benchLogits(rows, classes), benchLabels(rows, classes)
			terms := cpu.CrossEntropyTerms[float32]{ClassLabels: cpu.ClassLabels[float32]{Labels: labels, Classes: classes, Ignore: 255}}
			measure(b,
				&cpu.CrossEntropy[float32]{Y: make([]float32, 1), X: x, Rows: rows, CrossEntropyTerms: terms},
				&cpu.CrossEntropy[float32]{DX: make([]float32, len(x)), DY: []float32{1}, X: x, Rows: rows, CrossEntropyTerms: terms})
		})
	}
}

// BenchmarkResizedCrossEntropy is that of patches of 16 px for pictures of 512 px.
func BenchmarkResizedCrossEntropy(b *testing.B) {
	for _, batch := range []int{1, 4} {
		b.Run(fmt.Sprintf("%dx512x512x150", batch), func(b *testing.B) {
			const classes = 150
			size := cpu.Bilinear{FromH: 32, FromW: 32, H: 512, W: 512}
			x, labels := benchLogits(batch*32*32, classes), benchLabels(batch*512*512, classes)
			terms := cpu.CrossEntropyTerms[float32]{ClassLabels: cpu.ClassLabels[float32]{Labels: labels, Classes: classes, Ignore: 255}}
			scratch := make([]float32, cpu.ResizedCrossEntropyScratch(batch, classes, size, true, cpu.Default().Threads()))
			measure(b, &cpu.ResizedCrossEntropy[float32]{
				Y: make([]float32, 1), DX: make([]float32, len(x)), DY: []float32{1},
				X: x, Batch: batch, Bilinear: size, Scratch: scratch, CrossEntropyTerms: terms,
			})
		})
	}
}

// measure runs a loss and its gradient.
func measure(b *testing.B, ops ...cputest.Op) {
	for b.Loop() {
		for _, op := range ops {
			op.Run(cpu.Default())
		}
	}
}

func benchLogits(rows, classes int) []float32 {
	x := make([]float32, rows*classes)
	for i := range x {
		x[i] = float32(int32(uint32(i+1)*2654435761)>>8) / (1 << 21) // ±4
	}
	return x
}

func benchLabels(rows, classes int) []float32 {
	y := make([]float32, rows)
	for i := range y {
		y[i] = float32(i * 7 % classes)
		if i%10 == 0 {
			y[i] = 255
		}
	}
	return y
}
