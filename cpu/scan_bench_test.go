package cpu_test

import (
	"testing"
	"time"

	"cradio/cpu"
)

// BenchmarkScan reads 1 GB of rows. Their bytes a second are to be compared with those that the
// machine can read at all, which the second benchmark measures.
func BenchmarkScan(b *testing.B) {
	const rows, cols = 1 << 20, 1024
	p := cpu.Default()
	x := make([]int8, rows*cols)
	for i := range x {
		x[i] = int8(i * 31)
	}
	op := &cpu.Scan{Y: make([]int32, rows), X: x, Query: make([]int16, cols), Rows: rows, Cols: cols}
	for i := range op.Query {
		op.Query[i] = int16(i)
	}
	b.SetBytes(rows * cols)
	best := time.Hour
	for b.Loop() {
		began := time.Now()
		op.Run(p)
		best = min(best, time.Since(began))
	}
	b.ReportMetric(float64(rows*cols)/best.Seconds()/1e9, "best-GB/s")
}
