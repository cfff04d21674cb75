package kernel

import "sync"

// accelerated are the tables whose instructions this machine has, slowest first. Each level
// has the instructions of those before it.
var accelerated = sync.OnceValue(func() []*Table {
	have, has := []*Table{neon()}, detect()
	if !has.dotProd {
		return have
	}
	if have = append(have, dotProd()); !has.i8mm {
		return have
	}
	if have = append(have, i8mm()); has.bf16 {
		have = append(have, bf16())
	}
	return have
})

func neon() *Table {
	t := New(NEON, 4)
	t.Float32 = Tiles{
		Cols: 8, PerWord: 1, GemmRows: gemmRowsNEON[:], GemmCols: gemmColsNEON[:], Softmax: softmaxNEON, SoftmaxGrad: softmaxGradNEON,
		GemmRowsPlus: gemmRowsPlusNEON[:], GemmRowsMinus: gemmRowsMinusNEON[:], KeepsPanel: true, LeftOperands: leftOperandsNEON, JoinProducts: joinProductsNEON,
	}
	t.Widened = t.Float32
	t.Widened.LeftOperands = leftOperandsBFloat16NEON
	t.Int16 = Tiles{
		Cols: 8, PerWord: 2, GemmRows: gemmRowsNEONInt16[:],
		GemmRowsPlus: gemmRowsPlusNEONInt16[:], GemmRowsMinus: gemmRowsMinusNEONInt16[:], LeftOperands: leftOperandsNEONInt16, JoinProducts: joinProductsNEONInt16,
	}
	t.Uint8ToInt16, t.Int8ToInt16 = uint8ToInt16NEONInt16, int8ToInt16NEONInt16
	t.Exact, t.ExactWide, t.ToFloat64 = gemmExactNEON[:], gemmExactWideNEON[:], toFloat64NEON
	t.Epilogue, t.EpilogueBFloat16 = epilogueNEON, epilogueBFloat16NEON
	t.EpilogueInt8 = [2]EpilogueInt8Func{epilogueInt8NEON, epilogueInt8BFloat16NEON}
	t.Transpose, t.Prefetch, t.PrefetchWrite = transposeNEON, prefetchNEON, prefetchWriteNEON
	elementwise(t)
	t.Peak, t.PeakFlops = peakNEON, 24*2*4
	return t
}

func dotProd() *Table {
	t := neon()
	t.Level = DotProd
	t.Int8 = Tiles{Cols: 8, PerWord: 4, GemmRows: gemmRowsDotProd[:], RowStarts: rowStartsDotProd}
	return t
}

func i8mm() *Table {
	t := dotProd()
	t.Level = I8MM
	t.Int8 = Tiles{Cols: 8, PerWord: 4, ByPairs: true, GemmRows: gemmRowsI8MM[:], JoinLeft: joinLeftNEON}
	return t
}

func bf16() *Table {
	t := i8mm()
	t.Level = BF16
	t.BFloat16 = Tiles{Cols: 8, PerWord: 2, ByPairs: true, GemmRows: gemmRowsBF16[:], GemmCols: gemmColsBF16[:], JoinLeft: joinLeftNEON, Softmax: softmaxWordsBF16, JoinValues: joinValuesBF16}
	t.Round = roundBF16
	return t
}
