package cpu

// Buys says in words what a narrow precision buys beside Full, of float32, at the level
// in use: in time, and in memory for packed weights. It costs exactness everywhere.
func (p Precision) Buys() string {
	k := current.Load()
	switch {
	case p == Full:
		return "the exact one, which the others are compared with"
	case k == nil:
		return "nothing: portable code computes it in float32, and no faster"
	case p == BFloat16 && k.amx != nil:
		return "much less time, and a third of the memory"
	case p == Int8 && k.amx != nil:
		return "the least time, and a sixth of the memory"
	case p == BFloat16 && k.pairs.cols > 0:
		return "about half the time, and half the memory"
	case p == BFloat16:
		return "half the memory; time is that of float32, or a little less"
	case k.fours.cols > 0:
		return "much less time, and a quarter of the memory"
	}
	return "less time, and a quarter of the memory"
}
