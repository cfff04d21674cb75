package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// panelSlice is products [k0, k0+kn) of panel j of B, packed.
func (t *Product) panelSlice(w *work, j, k0, kn int) unsafe.Pointer {
	cols := t.tiles.Cols
	if t.split {
		t.join(w.packed, j, k0, kn)
		return kernel.At(w.packed, 0)
	}
	if t.short != nil {
		t.widen(kernel.At(w.packed, 0), t.sliceOf(j, k0), kn*cols)
		return kernel.At(w.packed, 0)
	}
	if t.panels != nil {
		return t.sliceOf(j, k0)
	}
	t.packing.slice(w.packed, cols, j, k0, kn)
	return kernel.At(w.packed, 0)
}

// widen makes n words of 32 bits of as many short ones.
func (t *Product) widen(dst, src unsafe.Pointer, n int) {
	if t.tiles == &t.Table.Int16 {
		t.Table.Int8ToInt16(dst, src, 2*n)
		return
	}
	t.Table.Widen(dst, src, 0, 1, n)
}

// sliceOf is where products k0 and on of panel j of B begin, packed.
func (t *Product) sliceOf(j, k0 int) unsafe.Pointer {
	i := (j*t.Depth + k0) * t.tiles.Cols
	if t.short != nil {
		return unsafe.Pointer(&t.short[i])
	}
	return kernel.At(t.panels, i)
}
