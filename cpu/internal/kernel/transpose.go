package kernel

// square is the side of what Transpose moves at a time, so that both sides stay in cache.
const square = 16

// Transpose writes y (n, m), dense, from the m rows of x, of n elements each, ld apart,
// with t's kernel, or by the definition where t is nil.
func Transpose[T Float](t *Table, y, x []T, m, n, ld int) {
	if t != nil {
		for i := 0; i < m; i += t.Lanes {
			rows := min(t.Lanes, m-i)
			for j := 0; j < n; j += t.Lanes {
				t.Transpose(At(y, j*m+i), 4*m, At(x, i*ld+j), 4*ld, rows, min(t.Lanes, n-j), rows, nil)
			}
		}
		return
	}
	for i0 := 0; i0 < m; i0 += square {
		i1 := min(i0+square, m)
		for j := range n {
			yr := y[j*m+i0 : j*m+i1]
			for i := range yr {
				yr[i] = x[(i0+i)*ld+j]
			}
		}
	}
}

// PackPanel writes a panel, (depth, cols), of rows rows of w that are ld apart. Missing
// rows become zeros.
func (t *Table) PackPanel(cols int, dst, w []float32, ld, rows, depth int) {
	for c := 0; c < cols; c += t.Lanes {
		n := min(t.Lanes, rows-c)
		if n <= 0 {
			for i := range depth {
				clear(dst[i*cols+c:][:t.Lanes])
			}
			continue
		}
		for i := 0; i < depth; i += t.Lanes {
			t.Transpose(At(dst, i*cols+c), 4*cols, At(w, c*ld+i), 4*ld, n, min(t.Lanes, depth-i), t.Lanes, nil)
		}
	}
}
