package gemm

import (
	"fmt"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// float64s collects what a product in float64 finishes.
type float64s []float64

func (f float64s) Finish(sums []float64, row, col int) { copy(f[row+col:], sums) }

// Operands that become float64 once give the same bits as those that each tile converts: with any number of rows,
// threads, slices and tails, with a weight and without, and with A by columns.
func TestWideOperandsGiveTheSameBits(t *testing.T) {
	for _, k := range kernel.Tables() {
		if k.ExactWide == nil {
			continue
		}
		narrow := *k
		narrow.ExactWide = nil
		for _, s := range [][3]int{{7, 9, 1}, {12, 16, 385}, {26, 20, 800}, {131, 33, 67}, {13, 9, 12000}} {
			m, n, depth := s[0], s[1], s[2]
			a, b := make([]float32, m*depth), make([]float32, n*depth)
			for i := range a {
				a[i] = float32(i*37%1001)/500 - 1
			}
			for i := range b {
				b[i] = float32(i*53%1003)/500 - 1
			}
			for _, threads := range []int{1, 3} {
				p := pool.New(threads, k)
				for variant := range 4 {
					op := Product{M: m, N: n, Depth: depth, A: a, B: b, ByRows: variant&1 > 0, ByCols: variant&2 > 0, C: make([]float32, m*n)}
					compute := func(table *kernel.Table) ([]float64, bool) {
						op, to := op, make(float64s, m*n)
						op.Table, op.Exact = table, to
						op.Run(p)
						return to, op.wide
					}
					want, _ := compute(&narrow)
					got, wide := compute(k)
					about := fmt.Sprintf("%v: %v, variant %d, %d threads", k.Level, s, variant, threads)
					require.Equal(t, depth < 9000, wide, about)
					require.Equal(t, want, got, about)
				}
				p.Close()
			}
		}
	}
}
