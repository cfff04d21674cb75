package cpu

// Buys says in words what a low precision buys beside Full, of float32, at the pool's
// level: in time, and in memory for packed weights. It costs exactness everywhere.
func (p *Pool) Buys(precision Precision) string {
	k := p.table()
	switch {
	case precision == Full:
		return "the exact one, which the others are compared with"
	case !k.Float32.Multiply():
		return "nothing: portable code computes it in float32, and no faster"
	case precision == BFloat16 && k.AMX != nil:
		return "much less time, and a third of the memory"
	case precision == Int8 && k.AMX != nil:
		return "the least time, and a sixth of the memory"
	case precision == BFloat16 && k.BFloat16.Multiply():
		return "about half the time, and half the memory"
	case precision == BFloat16:
		return "half the memory; time is that of float32, or a little less"
	case k.Int8.Multiply():
		return "much less time, and a quarter of the memory"
	}
	return "less time, and a quarter of the memory"
}
