// Package arm64 writes the kernels for arm64.
//
// Start with isa.go, which says how instructions are written and which registers a kernel
// may use, and tail.go, which has the loop over elements. generate.go lists which kernels
// each level has; encode.go and instructions.go are the instructions that Go's assembler
// lacks; each other file describes one kernel, or a few.
package arm64

// Generate returns the files by name.
func Generate() map[string]string {
	files := map[string]string{}
	write := func(set isa, kernels func(f *file)) {
		f := newFile(set)
		kernels(f)
		files[set.file+"_arm64.s"] = f.Text("", f.after)
		files[set.file+"_arm64.go"] = f.Declarations()
	}
	write(neon, func(f *file) {
		f.gemmRows()
		f.gemmRowsOfTwo()
		f.strassen()
		f.gemmCols()
		f.gemmExact()
		f.gemmExactWide()
		f.toFloat64()
		for _, k := range []finish{
			{name: "epilogue"},
			{name: "epilogueBFloat16", rounded: true},
			{name: "epilogueInt8", quantised: true},
			{name: "epilogueInt8BFloat16", quantised: true, rounded: true},
		} {
			f.epilogue(k)
		}
		f.prefetch()
		f.prefetchWrite()
		f.transpose()
		f.joinLeft()
		f.peak()
	})
	write(neonInt16, func(f *file) {
		f.gemmRows()
		f.gemmRowsOfTwo()
		f.strassen()
		f.toInt16()
	})
	write(dotprod, func(f *file) {
		f.gemmRows()
		f.rowStarts()
	})
	write(i8mm, (*file).gemmRowsByPairs)
	write(bf16, func(f *file) {
		f.gemmRowsByPairs()
		f.softmaxWords()
		f.gemmColsJoined()
		f.joinValues()
		f.round()
	})
	write(isa{name: "NEON", file: "neonelementwise"}, elementwise)
	return files
}
