package kernel

import (
	"sync"

	"golang.org/x/sys/cpu"
)

// assumeAMX is set when a test is linked for a machine whose AMX is emulated, by
// cpu/internal/tilesim: -ldflags "-X cradio/cpu/internal/kernel.assumeAMX=1". Without the emulator
// such a program dies of the first tile instruction.
var assumeAMX string

// hasAMX reports whether this process may use tiles of bfloat16 and int8. It asks
// the system for permission, which then covers all threads, those to come too.
var hasAMX = sync.OnceValue(func() bool {
	if assumeAMX != "" {
		return true
	}
	const state = 1<<17 | 1<<18 // tile configuration and tiles, which the system saves
	x := cpu.X86
	return x.HasAMXTile && x.HasAMXBF16 && x.HasAMXInt8 && x.HasOSXSAVE && xcr0()&state == state && permitTiles()
})

// withAMX is a level's table with tiles.
func withAMX(t *Table) *Table {
	t.Level = AMX
	t.AMX = &AMXKernels{
		BFloat16: tileBFloat16AMX, Int8: tileInt8AMX, Split: tileSplitAMX,
		SplitFinish: [2]SplitFinishFunc{tileSplitFinishAMX, tileSplitGELUAMX},
		SplitRows:   splitRowsAMX, SplitPanel: splitPanelAMX, JoinPanel: joinPanelAMX, SplitWords: splitWordsAMX,
		SplitItems: splitItemsAMX, SplitAhead: tileSplitAheadAMX, SplitAcross: tileSplitAcrossAMX,
		BFloat16Finish: AMXFinish{tileBFloat16RoundedAMX, tileBFloat16GELUAMX, tileBFloat16ResidualAMX},
		Int8Finish:     AMXFinish{tileInt8RoundedAMX, tileInt8GELUAMX, tileInt8ResidualAMX},
		RaiseTops:      raiseTopsAMX, ScaleRows: scaleRowsAMX,
	}
	return t
}
