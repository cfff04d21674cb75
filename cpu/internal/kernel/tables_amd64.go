package kernel

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// accelerated are the tables whose instructions this machine has, slowest first.
var accelerated = sync.OnceValue(func() (have []*Table) {
	x := cpu.X86
	if x.HasAVX2 && x.HasFMA {
		have = append(have, avx2())
		if x.HasAVXVNNI {
			have = append(have, avxvnni())
		}
	}
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW {
		have = append(have, avx512())
		if x.HasAVX512BF16 && x.HasAVX512VNNI {
			have = append(have, forVendor(avx512bf16(), vendor()))
			if hasAMX() {
				have = append(have, withAMX(avx512bf16()))
			}
		}
	}
	return have
})

func avx2() *Table {
	t := New(AVX2, 8)
	t.Float32 = Tiles{
		Cols: 16, PerWord: 1, GemmRows: gemmRowsAVX2[:], GemmCols: gemmColsAVX2[:], Softmax: softmaxAVX2, SoftmaxGrad: softmaxGradAVX2,
		GemmRowsPlus: gemmRowsPlusAVX2[:], GemmRowsMinus: gemmRowsMinusAVX2[:], LeftOperands: leftOperandsAVX2, JoinProducts: joinProductsAVX2,
		GemmJoined: gemmJoinedAVX2[:], GemmPacking: gemmPackingAVX2[:],
	}
	t.Float32Slim = Tiles{Cols: 8, PerWord: 1, GemmRows: gemmRowsSlimAVX2[:], GemmCols: gemmColsSlimAVX2[:], Softmax: softmaxSlimAVX2}
	t.Exact = gemmExactAVX2[:]
	t.Widened = t.Float32
	t.Widened.LeftOperands = leftOperandsBFloat16AVX2
	t.Int16 = Tiles{
		Cols: 16, PerWord: 2, GemmRows: gemmRowsAVX2Int16[:],
		GemmRowsPlus: gemmRowsPlusAVX2Int16[:], GemmRowsMinus: gemmRowsMinusAVX2Int16[:], LeftOperands: leftOperandsAVX2Int16, JoinProducts: joinProductsAVX2Int16,
	}
	t.Uint8ToInt16, t.Int8ToInt16 = uint8ToInt16AVX2Int16, int8ToInt16AVX2Int16
	t.Epilogue, t.EpilogueBFloat16 = epilogueAVX2, epilogueBFloat16AVX2
	t.EpilogueInt8 = [2]EpilogueInt8Func{epilogueAVX2Int16, epilogueBFloat16AVX2Int16}
	t.Transpose, t.Prefetch, t.PrefetchWrite, t.StreamTile = transposeAVX2, prefetchAVX2, prefetchWriteAVX2, streamTileAVX2
	t.CopyRows, t.NormalizeRows, t.Blend = copyRowsAVX2, normalizeRowsAVX2, blendAVX2
	t.GELU, t.SigmoidGELU, t.LayerNorm = geluAVX2, sigmoidGELUAVX2, eps32(layerNormAVX2)
	t.GELUGrad, t.LayerNormGrad, t.LayerNormMoments = geluGradAVX2, eps32(layerNormGradAVX2), moments32(layerNormMomentsAVX2)
	t.SumRows, t.SumRowsMul, t.SumRowsNormed = sumRowsAVX2, sumRowsMulAVX2, sumRowsNormedAVX2
	t.Exps, t.MixExps, t.Mix, t.Spread, t.Affine = expsAVX2, mixExpsAVX2, mixAVX2, spreadAVX2, affineAVX2
	t.AdamW, t.Squares = adamWAVX2, squaresAVX2
	t.SGD = [...]func(w, b, g unsafe.Pointer, n int, k unsafe.Pointer){sgdAVX2, sgdMomentumAVX2, sgdNesterovAVX2}
	t.Binary = [...]func(y, a, b unsafe.Pointer, n int){addAVX2, subAVX2, mulAVX2, divAVX2}
	t.Widen, t.Round, t.Dequantise, t.Quantise, t.Extent = widenAVX2, roundAVX2, dequantiseAVX2, quantiseAVX2, extentAVX2
	t.Scan = scanAVX2
	t.Peak, t.PeakFlops = peakAVX2, 12*2*8
	return t
}

func avxvnni() *Table {
	t := avx2()
	t.Level = AVXVNNI
	t.Int8 = Tiles{Cols: 16, PerWord: 4, GemmRows: gemmRowsAVXVNNI[:]}
	return t
}

func avx512() *Table {
	t := New(AVX512, 16)
	t.Float32 = Tiles{
		Cols: 32, PerWord: 1, GemmRows: gemmRowsAVX512[:], GemmCols: gemmColsAVX512[:], Softmax: softmaxAVX512, SoftmaxGrad: softmaxGradAVX512,
		GemmRowsPlus: gemmRowsPlusAVX512[:], GemmRowsMinus: gemmRowsMinusAVX512[:], LeftOperands: leftOperandsAVX512, JoinProducts: joinProductsAVX512,
		GemmJoined: gemmJoinedAVX512[:], GemmPacking: gemmPackingAVX512[:],
	}
	t.Float32Slim = Tiles{Cols: 16, PerWord: 1, GemmRows: gemmRowsSlimAVX512[:], GemmCols: gemmColsSlimAVX512[:], Softmax: softmaxSlimAVX512}
	t.Exact = gemmExactAVX512[:]
	t.Widened = t.Float32
	t.Widened.LeftOperands = leftOperandsBFloat16AVX512
	t.Int16 = Tiles{
		Cols: 32, PerWord: 2, GemmRows: gemmRowsAVX512Int16[:],
		GemmRowsPlus: gemmRowsPlusAVX512Int16[:], GemmRowsMinus: gemmRowsMinusAVX512Int16[:], LeftOperands: leftOperandsAVX512Int16, JoinProducts: joinProductsAVX512Int16,
	}
	t.Uint8ToInt16, t.Int8ToInt16 = uint8ToInt16AVX512Int16, int8ToInt16AVX512Int16
	t.Epilogue, t.EpilogueBFloat16 = epilogueAVX512, epilogueBFloat16AVX512
	t.EpilogueInt8 = [2]EpilogueInt8Func{epilogueAVX512Int16, epilogueBFloat16AVX512Int16}
	t.Transpose, t.Prefetch, t.PrefetchWrite, t.StreamTile = transposeAVX512, prefetchAVX512, prefetchWriteAVX512, streamTileAVX512
	t.CopyRows, t.NormalizeRows, t.Blend = copyRowsAVX512, normalizeRowsAVX512, blendAVX512
	t.GELU, t.SigmoidGELU, t.LayerNorm = geluAVX512, sigmoidGELUAVX512, eps32(layerNormAVX512)
	t.GELUGrad, t.LayerNormGrad, t.LayerNormMoments = geluGradAVX512, eps32(layerNormGradAVX512), moments32(layerNormMomentsAVX512)
	t.SumRows, t.SumRowsMul, t.SumRowsNormed = sumRowsAVX512, sumRowsMulAVX512, sumRowsNormedAVX512
	t.Exps, t.MixExps, t.Mix, t.Spread, t.Affine = expsAVX512, mixExpsAVX512, mixAVX512, spreadAVX512, affineAVX512
	t.AdamW, t.Squares = adamWAVX512, squaresAVX512
	t.SGD = [...]func(w, b, g unsafe.Pointer, n int, k unsafe.Pointer){sgdAVX512, sgdMomentumAVX512, sgdNesterovAVX512}
	t.Binary = [...]func(y, a, b unsafe.Pointer, n int){addAVX512, subAVX512, mulAVX512, divAVX512}
	t.Widen, t.Round, t.Dequantise, t.Extent = widenAVX512, roundAVX512, dequantiseAVX512, extentAVX512
	t.Quantise, t.QuantiseInt8 = quantiseAVX512, quantiseAVX512 // takes any sign
	t.Scan = scanAVX512
	t.Peak, t.PeakFlops = peakAVX512, 12*2*16
	return t
}

func avx512bf16() *Table {
	t := avx512()
	t.Level = AVX512BF16
	t.BFloat16 = Tiles{Cols: 32, PerWord: 2, GemmRows: gemmRowsBF16[:], GemmCols: gemmColsBF16[:], Softmax: softmaxBF16, WeightRows: weightRowsBF16[:], JoinRows: joinRowsBF16}
	t.BFloat16Slim = Tiles{Cols: 16, PerWord: 2, GemmCols: gemmColsSlimBF16[:], WeightRows: weightRowsSlimBF16[:], JoinRows: joinRowsSlimBF16}
	t.Interleave = interleaveBF16
	t.Int8 = Tiles{Cols: 32, PerWord: 4, GemmRows: gemmRowsVNNI[:]}
	t.Round, t.EpilogueBFloat16 = roundBF16, epilogueBFloat16BF16
	t.EpilogueInt8 = [2]EpilogueInt8Func{epilogueVNNI, epilogueBFloat16VNNI}
	return t
}
