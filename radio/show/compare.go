package show

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// Difference is how two features of one image differ.
type Difference struct {
	// Cosines and Errors hold for each token the cosine similarity and ‖a-b‖/‖a‖. They are
	// nil if the widths differ.
	Cosines, Errors []float64
	Error           float64 // ‖a-b‖/‖a‖ over all tokens; NaN if the widths differ
}

// Compare compares features a and b token by token. Each is (T, D); D may differ. If a token of a
// is all zeros, its error is 0 if b is all zeros too, else infinite.
func Compare(a, b []float32, tokens int) (*Difference, error) {
	if tokens < 1 || len(a) == 0 || len(b) == 0 || len(a)%tokens != 0 || len(b)%tokens != 0 {
		return nil, fmt.Errorf("compare: %d and %d values, want %d tokens each", len(a), len(b), tokens)
	}
	if len(a) != len(b) {
		return &Difference{Error: math.NaN()}, nil
	}
	d := &Difference{Error: RelativeError(a, b)}
	width := len(a) / tokens
	for t := range tokens {
		x, y := a[t*width:][:width], b[t*width:][:width]
		d.Cosines = append(d.Cosines, Cosine(x, y))
		d.Errors = append(d.Errors, RelativeError(x, y))
	}
	return d, nil
}

// RelativeError returns ‖a-b‖/‖a‖ of two vectors of equal length.
func RelativeError(a, b []float32) float64 {
	apart := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		apart += d * d
	}
	if apart == 0 {
		return 0
	}
	return math.Sqrt(apart) / norm(a)
}

// CKA computes the linear centred kernel alignment between two features of the same tokens
// (Kornblith et al. 2019, https://arxiv.org/abs/1905.00414). Add images one at a time. CKA is 1
// if the features are equal up to rotation, shift and scale. Their widths may differ.
type CKA struct {
	tokens     int
	sums       [2][]float64 // of a and b
	aa, ab, bb blas64.General
	p, q       int // widths of a and of b
}

// Add adds features a and b of one image. Each is (T, D); D may differ.
func (c *CKA) Add(a, b []float32, tokens int) error {
	if tokens < 1 || len(a)%tokens != 0 || len(b)%tokens != 0 || len(a) == 0 || len(b) == 0 {
		return fmt.Errorf("CKA: %d and %d values, want %d tokens each", len(a), len(b), tokens)
	}
	p, q := len(a)/tokens, len(b)/tokens
	square := func(m, n int) blas64.General {
		return blas64.General{Rows: m, Cols: n, Stride: n, Data: make([]float64, m*n)}
	}
	if c.tokens == 0 {
		c.p, c.q = p, q
		c.aa, c.ab, c.bb = square(p, p), square(p, q), square(q, q)
		c.sums = [2][]float64{make([]float64, p), make([]float64, q)}
	}
	if p != c.p || q != c.q {
		return errors.New("CKA: all images must have features of the same widths")
	}
	c.tokens += tokens
	wide := func(v []float32, n int, sums []float64) blas64.General {
		m := blas64.General{Rows: tokens, Cols: n, Stride: n, Data: make([]float64, len(v))}
		for i, x := range v {
			m.Data[i] = float64(x)
			sums[i%n] += float64(x)
		}
		return m
	}
	x, y := wide(a, p, c.sums[0]), wide(b, q, c.sums[1])
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, x, x, 1, c.aa)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, x, y, 1, c.ab)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, y, y, 1, c.bb)
	return nil
}

// Value returns ‖A'B‖²/(‖A'A‖·‖B'B‖) of the centred features. It is NaN if one of them is
// constant, or if there is only one token.
func (c *CKA) Value() float64 {
	if c.tokens < 2 {
		return math.NaN()
	}
	size := func(m blas64.General, u, v []float64) (sum, before float64) {
		for i := range m.Rows {
			for j := range m.Cols {
				s := m.Data[i*m.Stride+j]
				d := s - u[i]*v[j]/float64(c.tokens)
				sum += d * d
				before += s * s
			}
		}
		return sum, before
	}
	ab, _ := size(c.ab, c.sums[0], c.sums[1])
	aa, wholeA := size(c.aa, c.sums[0], c.sums[0])
	bb, wholeB := size(c.bb, c.sums[1], c.sums[1])
	const rounding = 1e-24 // bound on the rounding error of the squares of constant features
	if aa <= rounding*wholeA || bb <= rounding*wholeB {
		return math.NaN()
	}
	return min(ab/math.Sqrt(aa)/math.Sqrt(bb), 1)
}

// Regrid resizes features (rows·cols, D) to another grid, by linear interpolation. The filter is
// antialiased: it is wider if the grid becomes coarser.
func Regrid(features []float32, rows, cols, toRows, toCols int) []float32 {
	width := len(features) / (rows * cols)
	if rows == toRows && cols == toCols {
		return features
	}
	down, across := triangles(rows, toRows), triangles(cols, toCols)
	out := make([]float32, toRows*toCols*width)
	sum := make([]float64, width)
	for y := range toRows {
		for x := range toCols {
			clear(sum)
			for i, wy := range down[y].weights {
				for j, wx := range across[x].weights {
					token := features[((down[y].first+i)*cols+across[x].first+j)*width:][:width]
					for k, v := range token {
						sum[k] += wy * wx * float64(v)
					}
				}
			}
			for k, v := range sum {
				out[(y*toCols+x)*width+k] = float32(v)
			}
		}
	}
	return out
}

type filter struct {
	first   int
	weights []float64 // their sum is 1
}

func triangles(n, m int) []filter {
	scale := float64(n) / float64(m)
	reach := max(scale, 1)
	all := make([]filter, m)
	for i := range all {
		centre := (float64(i) + 0.5) * scale
		first, last := max(int(centre-reach+0.5), 0), min(int(centre+reach+0.5), n)
		f := filter{first: first}
		total := 0.0
		for k := first; k < last; k++ {
			w := max(1-math.Abs(float64(k)+0.5-centre)/reach, 0)
			f.weights = append(f.weights, w)
			total += w
		}
		for k := range f.weights {
			f.weights[k] /= total
		}
		all[i] = f
	}
	return all
}
