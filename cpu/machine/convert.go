package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

// cast converts to the other type of dense tensors.
func cast[To, From cpu.Float](_ graph.Convert, a *operands) runner {
	return &cpu.Cast[To, From]{Y: out[To](a), X: in[From](a, 0)}
}

// convert rounds, or rounds once more, to a reduced form.
func convert(_ graph.Convert, a *operands) runner {
	return &cpu.Convert{Y: a.reducedOut, X: in[float32](a, 0), LowX: a.reducedIn[0]}
}
