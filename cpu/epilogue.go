package cpu

import "cradio/cpu/internal/kernel"

// epilogue is what follows the products of a Linear, in this order. Fields may be nil.
type epilogue[T Float] struct {
	bias, scale []T // (Out)
	residual    []T // (Rows, Out)
	gelu        bool
}

// apply is the definition: s are the products of the outputs o0, o0+1, …, the first of which is at
// index at of (Rows, Out). Everything is float64.
func (e epilogue[T]) apply(s []float64, at, o0 int) {
	if e.bias != nil {
		for i, b := range e.bias[o0 : o0+len(s)] {
			s[i] += float64(b)
		}
	}
	if e.gelu {
		for i, v := range s {
			s[i] = kernel.GELU(v)
		}
	}
	if e.scale != nil {
		for i, f := range e.scale[o0 : o0+len(s)] {
			s[i] *= float64(f)
		}
	}
	if e.residual != nil {
		for i, v := range e.residual[at : at+len(s)] {
			s[i] += float64(v)
		}
	}
}
