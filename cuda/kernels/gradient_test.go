package kernels_test

import (
	"math"
	"testing"
)

// product is a·b, of a (m, k), or transposed (k, m), and b (k, n).
func product(a, b []float32, m, n, k int, transposed bool) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				at := i*k + l
				if transposed {
					at = l*m + i
				}
				c[i*n+j] += float64(a[at]) * float64(b[l*n+j])
			}
		}
	}
	return c
}

func (r rig) product(kernel string, a, b []float32, m, n, k int) []float32 {
	r.Helper()
	c := r.alloc(4 * m * n)
	r.run(kernel, [3]int{blocks(n, 64), blocks(m, 64), 1}, [3]int{256, 1, 1}, 0, c, a, b, m, n, k)
	return r.floats(c, m*n)
}

func TestProducts(t *testing.T) {
	r := open(t, "lineargrad.60")
	for _, s := range shapes {
		m, n, k := s[0], s[1], s[2]
		a, b := normal(1, m*k, 1), normal(2, k*n, 1)
		near(t, "product_f32", r.product("product_f32", a, b, m, n, k), product(a, b, m, n, k, false), 8)
		near(t, "product_transposed_f32", r.product("product_transposed_f32", a, b, m, n, k), product(a, b, m, n, k, true), 8)
	}
}

// layerNormGrad is the derivative towards x and towards the weight.
func layerNormGrad(x, w, dy []float32, rows, dim int) (dx, dw []float64) {
	dx, dw = make([]float64, rows*dim), make([]float64, dim)
	ones, zeros := make([]float32, dim), make([]float32, dim)
	for i := range ones {
		ones[i] = 1
	}
	n := layerNorm(x, ones, zeros, rows, dim, eps, 1)
	for r := range rows {
		var mean, variance, g, gn float64
		for i := range dim {
			mean += float64(x[r*dim+i]) / float64(dim)
		}
		for i := range dim {
			d := float64(x[r*dim+i]) - mean
			variance += d * d / float64(dim)
			v := float64(dy[r*dim+i]) * float64(w[i])
			g += v / float64(dim)
			gn += v * n[r*dim+i] / float64(dim)
			dw[i] += float64(dy[r*dim+i]) * n[r*dim+i]
		}
		for i := range dim {
			dx[r*dim+i] = (float64(dy[r*dim+i])*float64(w[i]) - g - n[r*dim+i]*gn) / math.Sqrt(variance+eps)
		}
	}
	return dx, dw
}

// normGrad runs the kernels of the derivatives of LayerNorm.
func (r rig) normGrad(x, w, dy []float32, rows, dim int) (dx, dw []float32) {
	r.Helper()
	statistics, px, pw, py, to, sums := r.alloc(4*3*rows), r.upload(x), r.upload(w), r.upload(dy), r.alloc(4*rows*dim), r.alloc(4*dim)
	r.run("row_statistics_f32", [3]int{rows, 1, 1}, [3]int{256, 1, 1}, 0, statistics, px, dim, float32(eps))
	r.run("layernorm_grad_f32", [3]int{rows, 1, 1}, [3]int{256, 1, 1}, 0, to, px, pw, py, statistics, dim)
	r.run("sum_rows_f32", [3]int{blocks(dim, 32), 1, 1}, [3]int{256, 1, 1}, 0, sums, py, px, statistics, rows, dim)
	return r.floats(to, rows*dim), r.floats(sums, dim)
}

func TestLayerNormGrad(t *testing.T) {
	r := open(t, "grad.60")
	for i, c := range [][2]int{{1, 5}, {3, 15}, {2, 31}, {7, 33}, {5, 768}, {13, 129}, {9, 1280}, {205, 65}} {
		rows, dim := c[0], c[1]
		x, w, dy := normal(uint64(i), rows*dim, 3), normal(100, dim, 1), normal(101, rows*dim, 1)
		for j := range x {
			x[j] += 5
		}
		dx, dw := r.normGrad(x, w, dy, rows, dim)
		wantX, wantW := layerNormGrad(x, w, dy, rows, dim)
		near(t, "dx", dx, wantX, 8)
		near(t, "dw", dw, wantW, 8)
	}
}
