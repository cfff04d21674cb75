package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// somePasses runs a step of a probe: two batches of rows, on so many threads. It returns gradients and losses of both.
func somePasses(t *testing.T, pool *Pool, width, batch, classes, heads int, standardised bool) (gradients, biases []float32, losses []float64) {
	const rows = 300
	x, n := noise(1, rows*width), heads*classes
	op := LinearProbe{Width: width, Classes: classes, Float32: func(i int) []float32 { return x[i*width:][:width] }, Inputs: []LinearProbeInput{{
		To: width, Heads: heads, Weight: hundredths(noise(2, n*width)), Bias: hundredths(noise(3, n)),
		DWeight: make([]float32, n*width), DBias: make([]float32, n), Loss: make([]float64, heads),
	}}}
	if standardised {
		op.Mean, op.Factor = hundredths(noise(4, width)), noise(5, width)
	}
	in := op.Inputs[0]
	for _, size := range []int{batch, max(1, batch-37)} {
		op.Rows, op.Labels = make([]int, size), make([]int32, size)
		for i := range size {
			op.Rows[i], op.Labels[i] = (7*i+size)%rows, int32(i*i%classes)
		}
		require.NoError(t, op.Check())
		op.Run(pool)
		gradients, biases, losses = append(gradients, in.DWeight...), append(biases, in.DBias...), append(losses, in.Loss...)
	}
	return gradients, biases, losses
}

// A step has the same bits on any number of threads, and is near that of the definition.
func TestLinearProbe(t *testing.T) {
	definition, err := NewPoolAt(Portable, 1)
	require.NoError(t, err)
	defer definition.Close()
	for _, c := range []struct {
		width, batch, classes, heads int
		standardised                 bool
	}{{33, 5, 3, 1, false}, {420, 150, 7, 1, true}, {1100, 140, 100, 1, false}, {700, 70, 40, 3, false}, {1025, 129, 33, 1, true}, {700, 300, 50, 7, false}, {1025, 129, 150, 1, true}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			exact, exactBias, exactLoss := somePasses(t, definition, c.width, c.batch, c.classes, c.heads, c.standardised)
			most := float32(0)
			for _, v := range exact {
				most = max(most, float32(math.Abs(float64(v))))
			}
			for _, level := range Levels()[1:] {
				var first, firstBias []float32
				for _, threads := range []int{1, 2, 3} {
					pool, err := NewPoolAt(level, threads)
					require.NoError(t, err)
					defer pool.Close()
					got, bias, loss := somePasses(t, pool, c.width, c.batch, c.classes, c.heads, c.standardised)
					if first == nil {
						first, firstBias = got, bias
						require.InDeltaSlice(t, exact, got, 1e-5*float64(most), level)
						require.InDeltaSlice(t, exactBias, bias, 1e-6, level)
						require.InDeltaSlice(t, exactLoss, loss, 1e-5, level)
					}
					require.Equal(t, first, got, "%v, %d threads", level, threads)
					require.Equal(t, firstBias, bias, "%v, %d threads", level, threads)
				}
			}
		})
	}
}

// Inputs that share columns have the gradients that each has alone, with few classes and with many.
func TestLinearProbeInputs(t *testing.T) {
	const width, rows = 420, 200
	x := noise(1, rows*width)
	for _, classes := range []int{3, 70, 150} {
		step := func(pool *Pool, cuts ...[2]int) (gradients [][]float32) {
			op := LinearProbe{Width: width, Classes: classes, Float32: func(i int) []float32 { return x[i*width:][:width] }}
			for i := range rows {
				op.Rows, op.Labels = append(op.Rows, (7*i)%rows), append(op.Labels, int32(i%classes))
			}
			for _, c := range cuts {
				n := 2 * classes * (c[1] - c[0])
				op.Inputs = append(op.Inputs, LinearProbeInput{
					From: c[0], To: c[1], Heads: 2, Weight: hundredths(noise(uint64(c[0]+2), n)), Bias: hundredths(noise(3, 2*classes)),
					DWeight: make([]float32, n), DBias: make([]float32, 2*classes), Loss: make([]float64, 2),
				})
			}
			require.NoError(t, op.Check())
			op.Run(pool)
			for _, in := range op.Inputs {
				gradients = append(gradients, in.DWeight)
			}
			return gradients
		}
		definition, err := NewPoolAt(Portable, 1)
		require.NoError(t, err)
		defer definition.Close()
		cuts := [][2]int{{0, 420}, {100, 300}, {0, 33}}
		for _, level := range Levels()[1:] {
			pool, err := NewPoolAt(level, 2)
			require.NoError(t, err)
			defer pool.Close()
			for i, got := range step(pool, cuts...) {
				exact := step(definition, cuts[i])[0]
				most := float32(0)
				for _, v := range exact {
					most = max(most, float32(math.Abs(float64(v))))
				}
				require.InDeltaSlice(t, exact, got, 1e-5*float64(most), "%v, %d classes, input %d", level, classes, i)
			}
		}
	}
}
