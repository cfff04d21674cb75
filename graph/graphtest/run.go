package graphtest

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Run runs the suite on a device, with and without fusion. The device's own options say in
// which precision it computes, and whether it keeps weights in a form of its own.
func Run(t *testing.T, device graph.Device) {
	s := suite{device: device, marks: marks[device.Options().Precision]}
	for _, c := range Cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, noFusion := range []bool{false, true} {
				name := "fused"
				if noFusion {
					name = "unfused"
				}
				t.Run(name, func(t *testing.T) {
					s := s
					s.target = graph.Target{Device: device, NoFusion: noFusion}
					t.Run("forward", func(t *testing.T) { s.forward(t, c) })
					t.Run("non-finite", func(t *testing.T) { s.nonFinite(t, c) })
					if c.NoGradient {
						return
					}
					t.Run("gradients", func(t *testing.T) { s.gradients(t, c) })
					t.Run("finite differences", func(t *testing.T) { s.finiteDifferences(t, c) })
				})
			}
		})
	}
	for _, noFusion := range []bool{false, true} {
		s := s
		s.target = graph.Target{Device: device, NoFusion: noFusion}
		t.Run(fmt.Sprintf("clipping, noFusion=%t", noFusion), s.clipping)
		for _, c := range Updates {
			t.Run(fmt.Sprintf("%s, noFusion=%t", c.Name, noFusion), func(t *testing.T) { s.updates(t, c) })
		}
	}
}

type suite struct {
	device graph.Device
	target graph.Target
	marks  mark
}

// mark is the largest root mean square error of a tensor, relative to the root mean square
// of the truth.
type mark struct{ float32, float64 float64 }

// marks are by precision. Those of float32 are some roundings of 6e-8 each; of bfloat16,
// which has 8 bits, and of int8 some of 2e-3 and 4e-3, of the sums of a row. Graphs of
// float64 are not rounded.
var marks = map[graph.Precision]mark{
	graph.Full:     {2e-6, 1e-12},
	graph.BFloat16: {0.02, 1e-12},
	graph.Int8:     {0.04, 1e-12},
	graph.TF32:     {0.02 / 8, 1e-12}, // three bits more than bfloat16
}

// of is the mark of a type.
func (m mark) of(dt tensor.Dtype) float64 {
	if dt == tensor.Float64 {
		return m.float64
	}
	return m.float32
}

// load is Built.Machine, which skips what the device lacks.
func (s suite) load(t *testing.T, b *Built, outputs ...*graph.Node) graph.Machine {
	t.Helper()
	return s.machine(t, func() (graph.Machine, error) { return b.load(s.target, outputs) })
}

// machine is what load returns. The test is skipped if the device lacks an operation.
func (s suite) machine(t *testing.T, load func() (graph.Machine, error)) graph.Machine {
	t.Helper()
	m, err := load()
	var lacks *graph.NotImplemented
	if errors.As(err, &lacks) {
		t.Skipf("skipped: %v", lacks)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// types are those of a graph.
var types = []tensor.Dtype{tensor.Float32, tensor.Float64}

// forward compares with the definition in float64, with the weights as inputs and as
// weights, and requires the same bits again: of the same machine, and of another.
func (s suite) forward(t *testing.T, c Case) {
	truth := c.Build(t, tensor.Float64, false)
	want := truth.Defined(t, truth.Out)[0]
	for _, dt := range types {
		for _, frozen := range []bool{false, len(c.Weights) > 0} {
			t.Run(fmt.Sprintf("%v frozen=%t", dt, frozen), func(t *testing.T) {
				b := c.Build(t, dt, frozen)
				m := s.load(t, b, b.Out)
				got := Outputs(t, m, b.Out)[0]
				near(t, got, want, s.marks.of(dt))
				require.Equal(t, got.Data(), Outputs(t, m, b.Out)[0].Data(), "the same machine again")
				require.Equal(t, got.Data(), Outputs(t, s.load(t, b, b.Out), b.Out)[0].Data(), "another machine")
			})
		}
	}
}

// gradients compares with the definition in float64.
func (s suite) gradients(t *testing.T, c Case) {
	truth := c.Build(t, tensor.Float64, false)
	nodes, _ := truth.Gradients(t)
	want := truth.Defined(t, nodes...)
	for _, dt := range types {
		t.Run(dt.String(), func(t *testing.T) {
			b := c.Build(t, dt, false)
			nodes, of := b.Gradients(t)
			m := s.load(t, b, nodes...)
			got := Outputs(t, m, nodes...)
			again := Outputs(t, m, nodes...)
			for i, d := range got {
				require.True(t, d.Shape().Eq(b.In[of[i]].Shape()), "gradient of input %d is %v", of[i], d.Shape())
				near(t, d, want[i], s.marks.of(dt))
				require.Equal(t, d.Data(), again[i].Data(), "the same machine again")
			}
		})
	}
}

// finiteDifferences compares gradients of float64 with central differences of
// Σ output·seed, all on the device. Its precision makes no difference to them.
func (s suite) finiteDifferences(t *testing.T, c Case) {
	if s.device.Options().Precision != graph.Full {
		t.Skip("float64 is as in full precision")
	}
	b := c.Build(t, tensor.Float64, false)
	grads, of := b.Gradients(t)
	seed := b.Values[len(b.Values)-1].Float64s()
	if len(seed) > mostDifferences {
		t.Skip("larger than finite differences are worth")
	}
	forward := s.load(t, b, b.Out)
	loss := func() (sum float64) {
		for i, v := range Outputs(t, forward, b.Out)[0].Float64s() {
			sum += v * seed[i]
		}
		return sum
	}
	const h = 1e-5
	for k, d := range Outputs(t, s.load(t, b, grads...), grads...) {
		input := b.In[of[k]]
		x := b.Values[of[k]].Clone().(*tensor.Dense)
		at := func(i int, v float64) float64 {
			x.Float64s()[i] = v
			require.NoError(t, forward.Set(input, x))
			return loss()
		}
		for i, v := range b.Values[of[k]].Float64s() {
			up, down := at(i, v+h), at(i, v-h)
			at(i, v)
			want := (up - down) / (2 * h)
			require.InDelta(t, want, d.Float64s()[i], 1e-6*(1+math.Abs(want)), "input %d, element %d", of[k], i)
		}
	}
}

// mostDifferences is the largest output for which gradients are compared with finite
// differences: each element of the inputs takes two forward passes.
const mostDifferences = 250

// nonFinite requires that what is not finite in an input is not finite in the output where
// the definition says so, and without rounding nowhere else.
func (s suite) nonFinite(t *testing.T, c Case) {
	frozen := len(c.Weights) > 0
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for i := range c.In {
			spoil := func(b *Built) *Built {
				n := b.Values[i].DataSize()
				set(b.Values[i], func(j int, old float64) float64 {
					if j == n/2 {
						return v
					}
					return old
				})
				return b
			}
			truth := spoil(c.Build(t, tensor.Float64, false))
			want := values(truth.Defined(t, truth.Out)[0])
			b := spoil(c.Build(t, tensor.Float32, frozen))
			got := values(Outputs(t, s.load(t, b, b.Out), b.Out)[0])
			for j, w := range want {
				if finite(w) && s.device.Options().Precision != graph.Full {
					continue // a row may be lost with its scale
				}
				require.Equal(t, finite(w), finite(got[j]), "%v in input %d: element %d is %v, want %v", v, i, j, got[j], w)
			}
		}
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// near requires that got is want to within a root mean square error, relative to the root
// mean square of want.
func near(t *testing.T, got, want *tensor.Dense, most float64) {
	t.Helper()
	require.True(t, got.Shape().Eq(want.Shape()), "is %v, want %v", got.Shape(), want.Shape())
	var errs, squares float64
	g := values(got)
	for i, w := range want.Float64s() {
		errs += (g[i] - w) * (g[i] - w)
		squares += w * w
	}
	off := math.Sqrt(errs / squares)
	if errs == 0 {
		off = 0
	}
	require.LessOrEqual(t, off, most, "root mean square error, relative to that of the truth")
}
