package x86

// Tails. setTail makes the mask of the first n lanes, n in a general register
// with 0 < n ≤ lanes (clobbered, as is tmp): K1, or Y15.
func (f *file) setTail(n, tmp string) {
	if f.reg == 'Z' {
		f.op("MOVQ %s, CX", n)
		f.op("MOVQ $1, %s", tmp)
		f.op("SHLQ CX, %s", tmp)
		f.op("DECQ %s", tmp)
		f.op("KMOVW %s, K1", tmp)
		return
	}
	f.op("NEGQ %s", n)
	f.op("LEAQ tail<>+32(SB), %s", tmp)
	f.op("VMOVUPS (%s)(%s*4), Y15", tmp, n)
}

func (f *file) loadTail(mem string, r int) {
	if f.reg == 'Z' {
		f.op("VMOVUPS.Z %s, K1, V%d", mem, r)
		return
	}
	f.op("VMASKMOVPS %s, Y15, V%d", mem, r)
}

func (f *file) storeTail(r int, mem string) {
	if f.reg == 'Z' {
		f.op("VMOVUPS V%d, K1, %s", r, mem)
		return
	}
	f.op("VMASKMOVPS V%d, Y15, %s", r, mem)
}

// clearTail zeroes the lanes beyond the tail.
func (f *file) clearTail(r int) {
	if f.reg == 'Z' {
		f.op("VMOVAPS.Z V%d, K1, V%d", r, r)
		return
	}
	f.op("VANDPS Y15, V%d, V%d", r, r)
}
