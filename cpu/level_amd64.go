package cpu

import (
	"sync"

	"golang.org/x/sys/cpu"
)

// available are the tables whose instructions this machine has, slowest first.
var available = sync.OnceValue(func() (have []*kernels) {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		have = append(have, &kernels{
			level: AVX2, lanes: 8, cols: 16,
			gemmRows: gemmRowsAVX2[:], gemmCols: gemmColsAVX2[:], epilogue: epilogueAVX2,
			softmax: softmaxAVX2, transpose: transposeAVX2, layerNorm: layerNormAVX2, gelu: geluAVX2,
			peak: peakAVX2, peakFlops: 12 * 2 * 8,
		})
	}
	if cpu.X86.HasAVX512F {
		have = append(have, &kernels{
			level: AVX512, lanes: 16, cols: 32,
			gemmRows: gemmRowsAVX512[:], gemmCols: gemmColsAVX512[:], epilogue: epilogueAVX512,
			softmax: softmaxAVX512, transpose: transposeAVX512, layerNorm: layerNormAVX512, gelu: geluAVX512,
			peak: peakAVX512, peakFlops: 12 * 2 * 16,
		})
	}
	return have
})
