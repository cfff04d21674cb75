package cpu

import (
	"testing"

	"cradio/cpu/internal/kernel"
)

// kernelsOf is the table of a level. A test of a level that the machine lacks is skipped.
func kernelsOf(t testing.TB, level Level) *kernel.Table {
	k, err := kernel.For(level)
	if err != nil {
		t.Skip(err)
	}
	return k
}

// poolAt is a pool for a level, which is closed when the test ends.
func poolAt(t testing.TB, level Level) *Pool {
	p := poolOf(kernelsOf(t, level), 0)
	t.Cleanup(p.Close)
	return p
}

// everyPool is a pool for each level of this machine, slowest first.
func everyPool(t testing.TB) (pools []*Pool) {
	for _, l := range Levels() {
		pools = append(pools, poolAt(t, l))
	}
	return pools
}
