package cputest

import (
	"math"
	"math/rand/v2"

	"cradio/cpu"
)

// source makes operands: the same ones every time.
type source struct {
	t   *test
	rng *rand.Rand
}

func from(t *test, seed uint64) source {
	return source{t, rand.New(rand.NewPCG(seed, 3))}
}

// normal is n guarded values of mean 0 and the given deviation.
func normal[T cpu.Float](s source, n int, deviation float64) []T {
	x := buffer[T](s.t, n)
	for i := range x {
		x[i] = T(s.rng.NormFloat64() * deviation)
	}
	return x
}

// dirty is n guarded values that an operation must not take for its own.
func dirty[T cpu.Float](s source, n int) []T {
	x := buffer[T](s.t, n)
	for i := range x {
		x[i] = T(math.NaN())
	}
	return x
}

// float64s is x in float64.
func float64s[T cpu.Float](x []T) []float64 {
	if x == nil {
		return nil
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// nonFinite are the values that must not get lost.
var nonFinite = []float64{math.NaN(), math.Inf(1), math.Inf(-1)}
