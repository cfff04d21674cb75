package kernel

import "unsafe"

// elementwise has t use the kernels on rows of elements, which every level has.
func elementwise(t *Table) {
	t.GELU, t.GELUGrad, t.SigmoidGELU = geluNEON, geluGradNEON, sigmoidGELUNEON
	t.LayerNorm, t.LayerNormGrad = eps32(layerNormNEON), eps32(layerNormGradNEON)
	t.LayerNormMoments = moments32(layerNormMomentsNEON)
	t.SumRows, t.SumRowsMul, t.SumRowsNormed = sumRowsNEON, sumRowsMulNEON, sumRowsNormedNEON
	t.Exps, t.MixExps, t.Mix, t.Spread, t.Affine = expsNEON, mixExpsNEON, mixNEON, spreadNEON, affineNEON
	t.Binary = [...]func(y, a, b unsafe.Pointer, n int){addNEON, subNEON, mulNEON, divNEON}
	t.CopyRows, t.NormalizeRows, t.Blend = copyRowsNEON, normalizeRowsNEON, blendNEON
	t.AdamW, t.Squares = adamWNEON, squaresNEON
	t.SGD = [...]func(w, b, g unsafe.Pointer, n int, k unsafe.Pointer){sgdNEON, sgdMomentumNEON, sgdNesterovNEON}
	t.Round, t.Widen, t.Dequantise, t.Extent = roundNEON, widenNEON, dequantiseNEON, extentNEON
	t.Quantise, t.QuantiseInt8 = quantiseNEON, quantiseNEON // takes any sign
	t.Scan = scanNEON
}
