package cpu

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// available are the tables whose instructions this machine has, slowest first.
var available = sync.OnceValue(func() (have []*kernels) {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		have = append(have, &kernels{
			level: AVX2, lanes: 8,
			tiles:    tiles{16, gemmRowsAVX2[:], gemmColsAVX2[:], softmaxAVX2, nil, nil},
			narrow:   tiles{8, gemmRowsNarrowAVX2[:], gemmColsNarrowAVX2[:], softmaxNarrowAVX2, nil, nil},
			exact:    gemmExactAVX2[:],
			epilogue: epilogueAVX2, transpose: transposeAVX2, fetch: fetchAVX2, own: ownAVX2, gather: gatherAVX2, condition: conditionAVX2, blend: blendAVX2, widen: widenAVX2, layerNorm: layerNormAVX2, gelu: geluAVX2,
			binary: [...]func(y, a, b unsafe.Pointer, n int){addAVX2, subAVX2, mulAVX2, divAVX2},
			round:  roundAVX2, dequantise: dequantiseAVX2, quantise: quantiseAVX2, extent: extentAVX2,
			gemmRowsPlus: gemmRowsPlusAVX2[:], gemmRowsMinus: gemmRowsMinusAVX2[:], leftOperands: leftOperandsAVX2, joinProducts: joinProductsAVX2,
			peak: peakAVX2, peakFlops: 12 * 2 * 8,
		})
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
		k := &kernels{
			level: AVX512, lanes: 16,
			tiles:    tiles{32, gemmRowsAVX512[:], gemmColsAVX512[:], softmaxAVX512, nil, nil},
			narrow:   tiles{16, gemmRowsNarrowAVX512[:], gemmColsNarrowAVX512[:], softmaxNarrowAVX512, nil, nil},
			exact:    gemmExactAVX512[:],
			epilogue: epilogueAVX512, transpose: transposeAVX512, fetch: fetchAVX512, own: ownAVX512, gather: gatherAVX512, condition: conditionAVX512, blend: blendAVX512, widen: widenAVX512, layerNorm: layerNormAVX512, gelu: geluAVX512,
			binary: [...]func(y, a, b unsafe.Pointer, n int){addAVX512, subAVX512, mulAVX512, divAVX512},
			round:  roundAVX512, dequantise: dequantiseAVX512, quantise: quantiseAVX512, extent: extentAVX512,
			gemmRowsPlus: gemmRowsPlusAVX512[:], gemmRowsMinus: gemmRowsMinusAVX512[:], leftOperands: leftOperandsAVX512, joinProducts: joinProductsAVX512,
			peak: peakAVX512, peakFlops: 12 * 2 * 16,
		}
		have = append(have, k)
		if cpu.X86.HasAVX512BF16 && cpu.X86.HasAVX512VNNI && cpu.X86.HasAVX512BW {
			more := *k
			more.level = AVX512BF16
			more.pairs = tiles{32, gemmRowsBF16[:], gemmColsBF16[:], softmaxBF16, weighRowsBF16[:], joinRowsBF16}
			more.narrowPairs = tiles{16, nil, gemmColsNarrowBF16[:], nil, weighRowsNarrowBF16[:], joinRowsNarrowBF16}
			more.interleave = interleaveBF16
			more.fours = tiles{32, gemmRowsVNNI[:], nil, nil, nil, nil}
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
