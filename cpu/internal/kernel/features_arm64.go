package kernel

import (
	"sync"

	"golang.org/x/sys/cpu"
)

// features are the instructions of arm64 that not every machine has. Vectors of 128 bits
// (NEON) are everywhere.
type features struct {
	dotProd bool // SDOT, UDOT: FEAT_DotProd
	i8mm    bool // SMMLA, UMMLA, USMMLA: FEAT_I8MM
	bf16    bool // BFMMLA, BFCVT: FEAT_BF16
}

// detect returns the features of this machine: what golang.org/x/sys/cpu knows of, and what
// the system adds.
var detect = sync.OnceValue(func() features {
	return features{dotProd: cpu.ARM64.HasASIMDDP, i8mm: cpu.ARM64.HasI8MM}.or(system())
})

// or is the features that f or g has.
func (f features) or(g features) features {
	return features{f.dotProd || g.dotProd, f.i8mm || g.i8mm, f.bf16 || g.bf16}
}
