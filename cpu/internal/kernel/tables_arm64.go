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
	t.Transpose = transposeNEON
	elementwise(t)
	t.Peak, t.PeakFlops = peakNEON, 24*2*4
	return t
}

func dotProd() *Table {
	t := neon()
	t.Level = DotProd
	return t
}

func i8mm() *Table {
	t := dotProd()
	t.Level = I8MM
	return t
}

func bf16() *Table {
	t := i8mm()
	t.Level = BF16
	return t
}
