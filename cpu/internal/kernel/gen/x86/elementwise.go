package x86

// elementwise are the kernels on rows of elements, which every level has.
func elementwise(f *file) {
	for _, w := range []int{2, 1} {
		f.softmax(w)
	}
	f.softmaxGrad(2)
	f.gelu()
	f.sigmoidGELU()
	f.geluGrad()
	f.layerNorm()
	f.layerNormGrad()
	f.layerNormMoments()
	f.sumRows()
	f.exps(false)
	f.exps(true)
	f.mix()
	f.affine()
	f.widen()
	f.copyRows()
	f.normalizeRows()
	f.blend()
	f.binary()
	f.adamW()
	f.sgd()
	f.squares()
	f.round()
	f.dequantise()
	f.extent()
	f.quantise()
	f.scan()
}
