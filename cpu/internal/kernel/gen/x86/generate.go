// Package x86 writes the kernels for amd64.
//
// Start with isa.go, which names what the instruction sets have in common, and the
// registers. generate.go lists which kernels each level has; each other file describes one
// kernel, or instructions that Go's assembler lacks.
package x86

// Generate returns the files by name.
func Generate() map[string]string {
	files := map[string]string{}
	write := func(set isa, kernels func(f *file)) {
		f := newFile(set)
		kernels(f)
		files[set.file+"_amd64.s"] = f.text()
		files[set.file+"_amd64.go"] = f.Declarations()
	}
	for _, set := range []isa{avx512, avx2} {
		write(set, func(f *file) {
			for _, w := range []int{2, 1} {
				f.gemmRows(w)
				f.gemmCols(w)
			}
			f.gemmRowsOfTwo(2)
			f.gemmJoined(2)
			f.gemmPacking(2)
			f.gemmExact()
			f.strassen()
			f.epilogue(finish{name: "epilogue"})
			f.epilogue(finish{name: "epilogueBFloat16", rounded: true})
			f.streamTile()
			f.transpose()
			f.prefetch()
			f.prefetchWrite()
			f.peak()
		})
	}
	for _, set := range []isa{avx512elementwise, avx2elementwise} {
		write(set, elementwise)
	}
	for _, set := range []isa{avx512int16, avx2int16} {
		write(set, func(f *file) {
			f.gemmRows(2)
			f.gemmRowsOfTwo(2)
			f.strassen()
			f.toInt16()
			f.epilogue(finish{name: "epilogue", quantised: true})
			f.epilogue(finish{name: "epilogueBFloat16", quantised: true, rounded: true})
		})
	}
	write(bf16, func(f *file) {
		f.gemmRows(2)
		f.softmaxBFloat16(2)
		for _, w := range []int{2, 1} {
			f.weightRows(w)
			f.gemmCols(w)
			f.joinRows(w)
		}
		f.interleave()
		f.epilogue(finish{name: "epilogueBFloat16", rounded: true})
		f.round()
	})
	write(vnni, func(f *file) {
		f.gemmRows(2)
		f.epilogue(finish{name: "epilogue", quantised: true})
		f.epilogue(finish{name: "epilogueBFloat16", quantised: true, rounded: true})
	})
	write(avxvnni, func(f *file) { f.gemmRows(2) })
	write(tmm, func(f *file) {
		f.tileRows("tileBFloat16", "computes c (+)= a·b for blocks of rows of bfloat16.", tdpbf16ps)
		f.tileRows("tileInt8", "computes c (+)= a·b for blocks of rows of int8, those of a without a sign.", tdpbusd)
		for _, t := range finished {
			f.tileFinished(t)
		}
		f.tileSplit()
		f.tileSplitFinish("tileSplitFinish", "computes y = residual + scale·(c + a·b + bias) of split operands.", false)
		f.tileSplitFinish("tileSplitGELU", "computes y = residual + scale·gelu(c + a·b + bias) of split operands.", true)
		f.splitRows()
		f.splitPanel()
		f.joinPanel()
		f.splitWords()
		f.splitItems()
		f.tileSplitAhead()
		f.tileSplitAcross()
		f.raiseTops()
		f.scaleRows()
	})
	return files
}
