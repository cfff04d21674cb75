package kernel

// elementwise has t use the kernels on rows of elements, which every level has.
func elementwise(t *Table) {
	t.GELU, t.GELUGrad, t.SigmoidGELU = geluNEON, geluGradNEON, sigmoidGELUNEON
}
