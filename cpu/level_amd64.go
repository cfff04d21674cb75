package cpu

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// available are the tables whose instructions this machine has, slowest first.
var available = sync.OnceValue(func() (have []*kernels) {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		k := &kernels{
			level: AVX2, lanes: 8,
			tiles: tiles{
				cols: 16, per: 1, gemmRows: gemmRowsAVX2[:], gemmCols: gemmColsAVX2[:], softmax: softmaxAVX2,
				gemmRowsPlus: gemmRowsPlusAVX2[:], gemmRowsMinus: gemmRowsMinusAVX2[:], leftOperands: leftOperandsAVX2, joinProducts: joinProductsAVX2,
			},
			narrow: tiles{cols: 8, per: 1, gemmRows: gemmRowsNarrowAVX2[:], gemmCols: gemmColsNarrowAVX2[:], softmax: softmaxNarrowAVX2},
			words: tiles{
				cols: 16, per: 2, gemmRows: gemmRowsAVX2Words[:],
				gemmRowsPlus: gemmRowsPlusAVX2Words[:], gemmRowsMinus: gemmRowsMinusAVX2Words[:], leftOperands: leftOperandsAVX2Words, joinProducts: joinProductsAVX2Words,
			},
			unpack: wordsAVX2Words, unpackSigned: wordsSignedAVX2Words,
			exact:    gemmExactAVX2[:],
			epilogue: epilogueAVX2, transpose: transposeAVX2, fetch: fetchAVX2, own: ownAVX2, gather: gatherAVX2, condition: conditionAVX2, blend: blendAVX2, widen: widenAVX2, layerNorm: layerNormAVX2, gelu: geluAVX2,
			binary: [...]func(y, a, b unsafe.Pointer, n int){addAVX2, subAVX2, mulAVX2, divAVX2},
			round:  roundAVX2, dequantise: dequantiseAVX2, quantise: quantiseAVX2, extent: extentAVX2,
			epilogueRounded: epilogueRoundedAVX2, epilogueQuantised: [2]quantisedFunc{epilogueAVX2Words, epilogueRoundedAVX2Words},
			peak: peakAVX2, peakFlops: 12 * 2 * 8,
		}
		k.rounded = k.tiles
		k.rounded.leftOperands = leftOperandsRoundedAVX2
		have = append(have, k)
		if cpu.X86.HasAVXVNNI {
			more := *k
			more.level = AVXVNNI
			more.fours = tiles{cols: 16, per: 4, gemmRows: gemmRowsAVXVNNI[:]}
			have = append(have, &more)
		}
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW {
		k := &kernels{
			level: AVX512, lanes: 16,
			tiles: tiles{
				cols: 32, per: 1, gemmRows: gemmRowsAVX512[:], gemmCols: gemmColsAVX512[:], softmax: softmaxAVX512,
				gemmRowsPlus: gemmRowsPlusAVX512[:], gemmRowsMinus: gemmRowsMinusAVX512[:], leftOperands: leftOperandsAVX512, joinProducts: joinProductsAVX512,
			},
			narrow: tiles{cols: 16, per: 1, gemmRows: gemmRowsNarrowAVX512[:], gemmCols: gemmColsNarrowAVX512[:], softmax: softmaxNarrowAVX512},
			words: tiles{
				cols: 32, per: 2, gemmRows: gemmRowsAVX512Words[:],
				gemmRowsPlus: gemmRowsPlusAVX512Words[:], gemmRowsMinus: gemmRowsMinusAVX512Words[:], leftOperands: leftOperandsAVX512Words, joinProducts: joinProductsAVX512Words,
			},
			unpack: wordsAVX512Words, unpackSigned: wordsSignedAVX512Words,
			exact:    gemmExactAVX512[:],
			epilogue: epilogueAVX512, transpose: transposeAVX512, fetch: fetchAVX512, own: ownAVX512, gather: gatherAVX512, condition: conditionAVX512, blend: blendAVX512, widen: widenAVX512, layerNorm: layerNormAVX512, gelu: geluAVX512,
			binary: [...]func(y, a, b unsafe.Pointer, n int){addAVX512, subAVX512, mulAVX512, divAVX512},
			round:  roundAVX512, dequantise: dequantiseAVX512, quantise: quantiseAVX512, extent: extentAVX512,
			epilogueRounded: epilogueRoundedAVX512, epilogueQuantised: [2]quantisedFunc{epilogueAVX512Words, epilogueRoundedAVX512Words},
			peak: peakAVX512, peakFlops: 12 * 2 * 16,
		}
		k.rounded = k.tiles
		k.rounded.leftOperands = leftOperandsRoundedAVX512
		have = append(have, k)
		if cpu.X86.HasAVX512BF16 && cpu.X86.HasAVX512VNNI {
			more := *k
			more.level = AVX512BF16
			more.pairs = tiles{cols: 32, per: 2, gemmRows: gemmRowsBF16[:], gemmCols: gemmColsBF16[:], softmax: softmaxBF16, weighRows: weighRowsBF16[:], joinRows: joinRowsBF16}
			more.narrowPairs = tiles{cols: 16, per: 2, gemmCols: gemmColsNarrowBF16[:], weighRows: weighRowsNarrowBF16[:], joinRows: joinRowsNarrowBF16}
			more.interleave = interleaveBF16
			more.fours = tiles{cols: 32, per: 4, gemmRows: gemmRowsVNNI[:]}
			more.round = roundBF16
			more.epilogueRounded = epilogueRoundedBF16
			more.epilogueQuantised = [2]quantisedFunc{epilogueVNNI, epilogueRoundedVNNI}
			have = append(have, forVendor(more, vendor()))
			if hasAMX() {
				have = append(have, withAMX(more))
			}
		}
	}
	return have
})
