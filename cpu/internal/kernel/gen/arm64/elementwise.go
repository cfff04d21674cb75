package arm64

// elementwise are the kernels on rows of elements, which every level has.
func elementwise(f *file) {
	f.gelu()
	f.geluGrad()
	f.sigmoidGELU()
	f.layerNorm()
	f.layerNormGrad()
	f.layerNormMoments()
	f.sumRows()
	f.exps(false)
	f.exps(true)
	f.mix()
	f.affine()
	f.binary()
	f.copyRows()
	f.normalizeRows()
	f.blend()
	f.adamW()
	f.sgd()
	f.squares()
	f.round()
	f.widen()
	f.toInt16()
	f.dequantise()
	f.quantise()
	f.extent()
	f.scan()
	for _, w := range []int{2, 1} {
		f.softmax(w)
	}
	f.softmaxGrad(2)
}
