package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

func faster() []*Set {
	if !cpu.X86.HasAVX2 {
		return nil
	}
	return []*Set{{
		Name: "avx2",
		InverseDCT: func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16) {
			_ = dst[:7*stride+8]
			inverseDCTAVX2(&dst[0], stride, coeffs, quant)
		},
		InverseDCT4: func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16) {
			_ = dst[:3*stride+4]
			inverseDCT4AVX2(&dst[0], stride, coeffs, quant)
		},
		Sums: func(dst []uint16, near, far []uint8) {
			n := len(near) &^ 15
			dst, far = dst[:len(near)], far[:len(near)]
			if n > 0 {
				sumsAVX2(&dst[0], &near[0], &far[0], n)
			}
			sums(dst[n:], near[n:], far[n:])
		},
		Widen: func(dst []uint16, src []uint8) {
			n := len(src) &^ 15
			dst = dst[:len(src)]
			if n > 0 {
				widenAVX2(&dst[0], &src[0], n)
			}
			widen(dst[n:], src[n:])
		},
		Spread: func(dst []uint8, sums []uint16, even, odd uint16, shift int) {
			n := (len(sums) - 2) &^ 15
			dst = dst[:2*(len(sums)-2)]
			if n > 0 {
				spreadAVX2(&dst[0], &sums[0], n, int(even), int(odd), shift)
			}
			spread(dst[2*n:], sums[n:], even, odd, shift)
		},
		Double: func(dst, src []uint8) {
			n := len(dst) / 2 &^ 15
			src = src[:(len(dst)+1)/2]
			if n > 0 {
				doubleAVX2(&dst[0], &src[0], n)
			}
			double(dst[2*n:], src[n:])
		},
		JPEGColors: func(dst, y, cb, cr []uint8) {
			n := len(y) &^ 31
			cb, cr, dst = cb[:len(y)], cr[:len(y)], dst[:3*len(y)]
			if n > 0 {
				jpegColorsAVX2(&dst[0], &y[0], &cb[0], &cr[0], n)
			}
			jpegColors(dst[3*n:], y[n:], cb[n:], cr[n:])
		},
		GoColors: func(dst, y, cb, cr []uint8) {
			n := len(y) &^ 31
			cb, cr, dst = cb[:len(y)], cr[:len(y)], dst[:3*len(y)]
			if n > 0 {
				goColorsAVX2(&dst[0], &y[0], &cb[0], &cr[0], n)
			}
			goColors(dst[3*n:], y[n:], cb[n:], cr[n:])
		},
		Gray: func(dst, src []uint8) {
			n := len(src) &^ 31
			dst = dst[:3*len(src)]
			if n > 0 {
				grayAVX2(&dst[0], &src[0], n)
			}
			gray(dst[3*n:], src[n:])
		},
		Drop: func(dst, src []uint8) uint8 {
			pixels := len(dst) / 3
			src = src[:4*pixels]
			n := max(pixels-3, 0) &^ 7 // leaves 3 pixels, since each store writes 8 bytes too many
			all := uint8(255)
			if n > 0 {
				all = uint8(dropAVX2(&dst[0], &src[0], n) >> 24)
			}
			return all & drop(dst[3*n:3*pixels], src[4*n:])
		},
		Across: acrossPacked,
		Down: func(dst []uint8, rows [][]uint8, weights []int32) {
			n := len(dst) &^ 31
			if n == 0 || len(weights) == 0 || len(weights) > maxPointers {
				down(dst, rows, weights)
				return
			}
			var at [maxPointers]unsafe.Pointer
			for i := range weights {
				at[i] = unsafe.Pointer(unsafe.SliceData(rows[i][:len(dst)]))
			}
			downAVX2(&dst[0], &at[0], &weights[0], len(weights), n)
			if n < len(dst) { // one more vector at the end, for the remaining elements
				back := len(dst) - 32
				for i := range weights {
					at[i] = unsafe.Add(at[i], back)
				}
				downAVX2(&dst[back], &at[0], &weights[0], len(weights), 32)
			}
		},
	}}
}

// maxPointers is the limit of rows for downAVX2. Portable Go sums more rows.
const maxPointers = 512

// acrossPacked needs packed taps, and a few bytes after the last pixel. A row without such bytes, the
// last of an image, is copied.
func acrossPacked(dst, src []uint8, t *Taps) {
	n := len(t.Start)
	if t.packed == nil || n == 0 {
		across(dst, src, t)
		return
	}
	_ = dst[:3*n]
	last := t.Start[n-1] + t.Count[n-1]
	// Starts increase, so the last pixel reads furthest: 12 bytes per group, and 4 more.
	reach := 3*(t.Start[n-1]+4*t.groups) + 4
	_ = src[:3*last]
	if reach > cap(src) {
		src = append(make([]uint8, 0, reach), src[:3*last]...)
	}
	acrossAVX2(&dst[0], &src[0], &t.Start[0], &t.packed[0], t.groups, n)
}

//go:noescape
func inverseDCTAVX2(dst *uint8, stride int, coeffs *[64]int16, quant *[64]uint16)

//go:noescape
func inverseDCT4AVX2(dst *uint8, stride int, coeffs *[64]int16, quant *[64]uint16)

//go:noescape
func sumsAVX2(dst *uint16, near, far *uint8, n int)

//go:noescape
func widenAVX2(dst *uint16, src *uint8, n int)

//go:noescape
func doubleAVX2(dst, src *uint8, n int)

//go:noescape
func spreadAVX2(dst *uint8, sums *uint16, n, even, odd, shift int)

//go:noescape
func jpegColorsAVX2(dst, y, cb, cr *uint8, n int)

//go:noescape
func goColorsAVX2(dst, y, cb, cr *uint8, n int)

//go:noescape
func grayAVX2(dst, src *uint8, n int)

//go:noescape
func dropAVX2(dst, src *uint8, n int) uint32

//go:noescape
func acrossAVX2(dst, src *uint8, start *int, weights *packedTaps, groups, n int)

//go:noescape
func downAVX2(dst *uint8, rows *unsafe.Pointer, weights *int32, taps, n int)
