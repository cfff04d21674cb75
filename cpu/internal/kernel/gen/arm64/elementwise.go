package arm64

// elementwise are the kernels on rows of elements, which every level has.
func elementwise(f *file) {
	f.gelu()
	f.geluGrad()
	f.sigmoidGELU()
}
