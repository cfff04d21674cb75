package cpu

import "unsafe"

// panelSlice is products [k0, k0+kn) of panel j of B, packed.
func (t *tiled) panelSlice(w *tiledWork, j, k0, kn int) unsafe.Pointer {
	cols := t.by.cols
	if t.cut {
		t.join(w.packed, j, k0, kn)
		return at(w.packed, 0)
	}
	if t.short != nil {
		t.widen(at(w.packed, 0), t.sliceOf(j, k0), kn*cols)
		return at(w.packed, 0)
	}
	if t.panels != nil {
		return t.sliceOf(j, k0)
	}
	col := j * cols
	n := min(cols, t.n-col)
	if t.byRows {
		packPanel(t.k, cols, w.packed, t.b[col*t.depth+k0:], t.depth, n, kn)
		return at(w.packed, 0)
	}
	for i := range kn {
		d := w.packed[i*cols : (i+1)*cols]
		copy(d, t.b[(k0+i)*t.n+col:][:n])
		clear(d[n:])
	}
	return at(w.packed, 0)
}

// widen makes units of n short ones.
func (t *tiled) widen(dst, src unsafe.Pointer, n int) {
	if t.by == &t.k.words {
		t.k.unpackSigned(dst, src, 2*n)
		return
	}
	t.k.widen(dst, src, 0, 1, n)
}

// sliceOf is where products k0 and on of panel j of B begin, packed.
func (t *tiled) sliceOf(j, k0 int) unsafe.Pointer {
	i := (j*t.depth + k0) * t.by.cols
	if t.short != nil {
		return unsafe.Pointer(&t.short[i])
	}
	return at(t.panels, i)
}

// packPanel writes a panel, (depth, cols), of rows rows of w that are ld apart.
// Missing rows become zeros.
func packPanel(k *kernels, cols int, dst, w []float32, ld, rows, depth int) {
	for c := 0; c < cols; c += k.lanes {
		n := min(k.lanes, rows-c)
		if n <= 0 {
			for i := range depth {
				clear(dst[i*cols+c:][:k.lanes])
			}
			continue
		}
		for i := 0; i < depth; i += k.lanes {
			k.transpose(at(dst, i*cols+c), 4*cols, at(w, c*ld+i), 4*ld, n, min(k.lanes, depth-i), k.lanes, nil)
		}
	}
}
