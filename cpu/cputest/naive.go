package cputest

import "math"

// The definitions, in float64 and without haste.

func naiveLinear(x, w, bias, scale, residual []float64, rows, out, in int, act bool) []float64 {
	y := make([]float64, rows*out)
	for r := range rows {
		for o := range out {
			s := 0.0
			for k := range in {
				s += x[r*in+k] * w[o*in+k]
			}
			if bias != nil {
				s += bias[o]
			}
			if act {
				s = naiveGELU(s)
			}
			if scale != nil {
				s *= scale[o]
			}
			if residual != nil {
				s += residual[r*out+o]
			}
			y[r*out+o] = s
		}
	}
	return y
}

func naiveGELU(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }

func naiveMatMul(a, b []float64, m, n, k int, ta, tb bool) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				p, q := i*k+l, l*n+j
				if ta {
					p = l*m + i
				}
				if tb {
					q = j*k + l
				}
				c[i*n+j] += a[p] * b[q]
			}
		}
	}
	return c
}

// naiveAttention holds all scores of a query at once.
func naiveAttention(qkv []float64, batch, tokens, dim, heads int) []float64 {
	y := make([]float64, batch*tokens*dim)
	d := dim / heads
	at := func(b, t, part, h int) []float64 {
		return qkv[((b*tokens+t)*3+part)*dim+h*d:][:d]
	}
	p := make([]float64, tokens)
	for b := range batch {
		for h := range heads {
			for i := range tokens {
				top := math.Inf(-1)
				for j := range tokens {
					p[j] = 0
					for c, q := range at(b, i, 0, h) {
						p[j] += q * at(b, j, 1, h)[c]
					}
					p[j] /= math.Sqrt(float64(d))
					top = max(top, p[j])
				}
				sum := 0.0
				for j := range p {
					p[j] = math.Exp(p[j] - top)
					sum += p[j]
				}
				out := y[(b*tokens+i)*dim+h*d:][:d]
				for j := range p {
					for c, v := range at(b, j, 2, h) {
						out[c] += p[j] / sum * v
					}
				}
			}
		}
	}
	return y
}

func naiveLayerNorm(x, w, b []float64, rows, dim int, eps float64) []float64 {
	y := make([]float64, rows*dim)
	for r := range rows {
		row := x[r*dim : (r+1)*dim]
		var mean, variance float64
		for _, v := range row {
			mean += v / float64(dim)
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(dim)
		}
		for i, v := range row {
			y[r*dim+i] = (v-mean)/math.Sqrt(variance+eps)*w[i] + b[i]
		}
	}
	return y
}

// naiveResize is PyTorch's interpolate(mode="bilinear") of a (grid, grid, dim)
// table, cropped to (h, w, dim).
func naiveResize(x []float64, grid, square, h, w, dim int, align bool) []float64 {
	source := func(d int) (int, int, float64) {
		s := 0.0
		if align {
			if square > 1 {
				s = float64(d) * float64(grid-1) / float64(square-1)
			}
		} else {
			s = math.Max(0, (float64(d)+0.5)*float64(grid)/float64(square)-0.5)
		}
		i := min(int(s), grid-1)
		return i, min(i+1, grid-1), s - float64(i)
	}
	y := make([]float64, h*w*dim)
	for i := range h {
		a, b, f := source(i)
		for j := range w {
			c, d, g := source(j)
			for k := range dim {
				v := func(r, s int) float64 { return x[(r*grid+s)*dim+k] }
				y[(i*w+j)*dim+k] = (1-f)*((1-g)*v(a, c)+g*v(a, d)) + f*((1-g)*v(b, c)+g*v(b, d))
			}
		}
	}
	return y
}
