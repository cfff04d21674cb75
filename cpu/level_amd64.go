package cpu

import (
	"sync"

	"golang.org/x/sys/cpu"
)

// available are the tables whose instructions this machine has, slowest first.
var available = sync.OnceValue(func() (have []*kernels) {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		have = append(have, &kernels{
			level: AVX2, lanes: 8,
			tiles:    tiles{16, gemmRowsAVX2[:], gemmColsAVX2[:], softmaxAVX2},
			narrow:   tiles{8, gemmRowsNarrowAVX2[:], gemmColsNarrowAVX2[:], softmaxNarrowAVX2},
			exact:    gemmExactAVX2[:],
			epilogue: epilogueAVX2, transpose: transposeAVX2, fetch: fetchAVX2, layerNorm: layerNormAVX2, gelu: geluAVX2,
			peak: peakAVX2, peakFlops: 12 * 2 * 8,
		})
	}
	if cpu.X86.HasAVX512F {
		k := &kernels{
			level: AVX512, lanes: 16,
			tiles:    tiles{32, gemmRowsAVX512[:], gemmColsAVX512[:], softmaxAVX512},
			narrow:   tiles{16, gemmRowsNarrowAVX512[:], gemmColsNarrowAVX512[:], softmaxNarrowAVX512},
			exact:    gemmExactAVX512[:],
			epilogue: epilogueAVX512, transpose: transposeAVX512, fetch: fetchAVX512, layerNorm: layerNormAVX512, gelu: geluAVX512,
			peak: peakAVX512, peakFlops: 12 * 2 * 16,
		}
		have = append(have, k)
		if cpu.X86.HasAVX512BF16 && cpu.X86.HasAVX512VNNI {
			more := *k
			more.level = AVX512BF16
			more.pairs = tiles{32, gemmRowsBF16[:], gemmColsBF16[:], nil}
			more.narrowPairs = tiles{16, gemmRowsNarrowBF16[:], gemmColsNarrowBF16[:], nil}
			more.fours = tiles{32, gemmRowsVNNI[:], nil, nil}
			have = append(have, &more)
		}
	}
	return have
})
