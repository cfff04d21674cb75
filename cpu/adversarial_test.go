package cpu_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// Products whose terms are of very different magnitudes, or cancel, are as exact at the AMX
// level, where tiles multiply bfloat16, as at the level below. Errors are relative to the sum
// of the magnitudes of the terms, in units of 2⁻²⁴: half the distance of float32 numbers near
// it. The limits are far below what may happen to sums in chains of 32 products, which is
// 32 + K/32 of these units.
func TestAdversarialProducts(t *testing.T) {
	const rows, out = 70, 40
	cases := map[string]func(r *rand.Rand, x, w [][]float32){
		"of one magnitude": func(r *rand.Rand, x, w [][]float32) {},
		"rows from 2⁻²⁰ to 2²⁰": func(r *rand.Rand, x, w [][]float32) {
			scaleEach(r, x, 20)
			scaleEach(r, w, 20)
		},
		"large against small": func(r *rand.Rand, x, w [][]float32) { // every term has about the same magnitude
			for k := range x[0] {
				e := r.IntN(37) - 18
				for i := range x {
					x[i][k] = float32(math.Ldexp(float64(x[i][k]), e))
				}
				for i := range w {
					w[i][k] = float32(math.Ldexp(float64(w[i][k]), -e))
				}
			}
		},
		"cancelling": func(r *rand.Rand, x, w [][]float32) { // neighbours differ in the last bits
			for _, row := range x {
				for k := 1; k < len(row); k += 2 {
					row[k] = -math.Float32frombits(math.Float32bits(row[k-1]) + r.Uint32N(3))
				}
			}
			for _, row := range w {
				for k := 1; k < len(row); k += 2 {
					row[k] = row[k-1]
				}
			}
		},
		"cancelling far apart": func(r *rand.Rand, x, w [][]float32) { // the second half takes the first away
			for _, m := range [][][]float32{x, w} {
				for _, row := range m {
					half := len(row) / 2
					copy(row[half:], row[:half])
				}
			}
			for _, row := range x {
				for k := len(row) / 2; k < len(row); k++ {
					row[k] = -row[k]
				}
				row[0] += 0x1p-20
			}
		},
		"of ones": func(r *rand.Rand, x, w [][]float32) { // with all bits of a float32, and one sign
			for _, m := range [][][]float32{x, w} {
				for _, row := range m {
					for k := range row {
						row[k] = 2 - 0x1p-23
					}
				}
			}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			for _, in := range []int{192, 768, 1640, 16384} {
				r := rand.New(rand.NewPCG(1, uint64(in)))
				x, w := matrix(r, rows, in), matrix(r, out, in)
				change(r, x, w)
				for _, level := range []cpu.Level{cpu.AVX512, cpu.AMX} {
					p, err := cpu.NewPoolAt(level, 2)
					if err != nil {
						continue
					}
					worst, mean := termwiseError(p, x, w)
					p.Close()
					t.Logf("%v, depth %d: worst %.2f, root mean square %.3f", level, in, worst, mean)
					require.LessOrEqual(t, worst, 8.0, "%v, depth %d", level, in)
					require.LessOrEqual(t, mean, 2.5, "%v, depth %d", level, in)
				}
			}
		})
	}
}

// matrix has normal values.
func matrix(r *rand.Rand, rows, cols int) [][]float32 {
	m := make([][]float32, rows)
	for i := range m {
		m[i] = make([]float32, cols)
		for k := range m[i] {
			m[i][k] = float32(r.NormFloat64())
		}
	}
	return m
}

// scaleEach multiplies each element by a power of two of its own, up to 2^most.
func scaleEach(r *rand.Rand, m [][]float32, most int) {
	for _, row := range m {
		for k := range row {
			row[k] = float32(math.Ldexp(float64(row[k]), r.IntN(2*most+1)-most))
		}
	}
}

// termwiseError is the largest error of x·wᵀ and its root mean square, each relative to the
// sum of its terms' magnitudes, in units of 2⁻²⁴.
func termwiseError(p *cpu.Pool, x, w [][]float32) (worst, mean float64) {
	flat := func(m [][]float32) (v []float32) {
		for _, row := range m {
			v = append(v, row...)
		}
		return v
	}
	rows, out, in := len(x), len(w), len(x[0])
	y := make([]float32, rows*out)
	op := cpu.Linear[float32]{Y: y, X: flat(x), W: cpu.Pack(p, flat(w), out, in), Rows: rows}
	op.Run(p)
	for r := range rows {
		for o := range out {
			sum, size, lost := 0.0, 0.0, 0.0 // by Kahan's summation
			for k := range in {
				term := float64(x[r][k]) * float64(w[o][k])
				size += math.Abs(term)
				term -= lost
				next := sum + term
				lost = next - sum - term
				sum = next
			}
			e := math.Abs(float64(y[r*out+o])-sum) / size * (1 << 24)
			worst, mean = max(worst, e), mean+e*e
		}
	}
	return worst, math.Sqrt(mean / float64(rows*out))
}
