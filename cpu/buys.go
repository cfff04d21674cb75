package cpu

import "cradio/cpu/internal/kernel"

// Buys says in words what BFloat16 or Int8 buys, compared with float32 (Dense), at the pool's
// level: in time, and in memory for packed weights. It costs exactness everywhere. Times at the
// levels of arm64 follow from counts of instructions, and the text says so.
func (p *Pool) Buys(f Form) string {
	k := p.table()
	if f != Dense && k.Level >= kernel.NEON {
		return buysOnARM(k, f) + " (by its instructions: not measured on hardware yet)"
	}
	switch {
	case f == Dense:
		return "the exact one, which the others are compared with"
	case !k.Float32.Multiply():
		return "nothing: portable code computes it in float32, and no faster"
	case f == BFloat16 && k.AMX != nil:
		return "much less time, and a third of the memory"
	case f == Int8 && k.AMX != nil:
		return "the least time, and a sixth of the memory"
	case f == BFloat16 && k.BFloat16.Multiply():
		return "about half the time, and half the memory"
	case f == BFloat16:
		return "half the memory; time is that of float32, or a little less"
	case k.Int8.Multiply() && k.Level != kernel.Portable:
		return "much less time, and a quarter of the memory"
	}
	return "less time, and a quarter of the memory"
}

// buysOnARM is Buys at the levels of arm64.
func buysOnARM(k *kernel.Table, f Form) string {
	switch {
	case f == BFloat16 && k.BFloat16.Multiply():
		return "half the time or less, and half the memory" // BFMMLA: a quarter of the multiplications
	case f == BFloat16:
		return "half the memory; time is about that of float32" // widened
	case k.Int8.Multiply():
		return "much less time, and a quarter of the memory" // UDOT: a quarter of the multiplications; USMMLA: an eighth
	}
	return "a quarter of the memory; time is about that of float32" // SMLAL: as many multiplications
}
