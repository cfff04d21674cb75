package cputest

import "github.com/stretchr/testify/require"

// derivative requires that grad is the derivative of Σ weight·forward(x) by x,
// measured with central differences. x is changed and put back.
func derivative(t *test, x, grad, weight []float64, forward func() []float64) {
	t.Helper()
	const h = 1e-5
	loss := func() (s float64) {
		for i, v := range forward() {
			s += v * weight[i]
		}
		return s
	}
	for i, v := range x {
		x[i] = v + h
		up := loss()
		x[i] = v - h
		down := loss()
		x[i] = v
		require.InDelta(t, (up-down)/(2*h), grad[i], 1e-7*float64(1+len(weight)), "element %d", i)
	}
}

// run checks op and runs it.
func run[O Op](t *test, op O) {
	t.Helper()
	t.limit(op)
	require.NoError(t, op.Check())
	op.Run(t.pools[1])
}
