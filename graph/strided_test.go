package graph_test

import (
	"testing"

	"cradio/cpu/machine"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// counted is a row-major tensor of 0, 1, 2, ….
func counted(dt tensor.Dtype, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(tensor.Range(dt, 0, tensor.Shape(shape).TotalSize())))
}

// turned is t with its axes in another order, its elements where they were.
func turned(t *tensor.Dense, axes ...int) *tensor.Dense {
	if err := t.T(axes...); err != nil {
		panic(err)
	}
	return t
}

func sliced(t *tensor.Dense, s ...tensor.Slice) *tensor.Dense {
	v, err := t.Slice(s...)
	if err != nil {
		panic(err)
	}
	return v.(*tensor.Dense)
}

// views are tensors of shape (2, 3, 4) that lie in memory in other ways.
var views = map[string]func(dt tensor.Dtype) *tensor.Dense{
	"row-major": func(dt tensor.Dtype) *tensor.Dense { return counted(dt, 2, 3, 4) },
	"column-major": func(dt tensor.Dtype) *tensor.Dense {
		return tensor.New(tensor.WithShape(2, 3, 4), tensor.AsFortran(tensor.Range(dt, 0, 24)))
	},
	"last axis first":  func(dt tensor.Dtype) *tensor.Dense { return turned(counted(dt, 3, 4, 2), 2, 0, 1) },
	"two axes swapped": func(dt tensor.Dtype) *tensor.Dense { return turned(counted(dt, 2, 4, 3), 0, 2, 1) },
	"reversed":         func(dt tensor.Dtype) *tensor.Dense { return turned(counted(dt, 4, 3, 2)) },
	"reversed column-major": func(dt tensor.Dtype) *tensor.Dense {
		return turned(tensor.New(tensor.WithShape(4, 3, 2), tensor.AsFortran(tensor.Range(dt, 0, 24))))
	},
	"moved": func(dt tensor.Dtype) *tensor.Dense {
		t := turned(counted(dt, 3, 4, 2), 2, 0, 1)
		if err := t.Transpose(); err != nil {
			panic(err)
		}
		return t
	},
	"first of more":  func(dt tensor.Dtype) *tensor.Dense { return sliced(counted(dt, 5, 3, 4), tensor.S(0, 2)) },
	"last of more":   func(dt tensor.Dtype) *tensor.Dense { return sliced(counted(dt, 5, 3, 4), tensor.S(3, 5)) },
	"within rows":    func(dt tensor.Dtype) *tensor.Dense { return sliced(counted(dt, 2, 3, 9), nil, nil, tensor.S(4, 8)) },
	"within":         func(dt tensor.Dtype) *tensor.Dense { return sliced(counted(dt, 2, 7, 4), nil, tensor.S(2, 5)) },
	"every other":    func(dt tensor.Dtype) *tensor.Dense { return sliced(counted(dt, 2, 3, 8), nil, nil, tensor.S(0, 8, 2)) },
	"one of an axis": func(dt tensor.Dtype) *tensor.Dense { return sliced(counted(dt, 2, 3, 6, 4), nil, nil, tensor.S(5)) },
	"turned and cut": func(dt tensor.Dtype) *tensor.Dense {
		return sliced(turned(counted(dt, 5, 2, 3), 1, 2, 0), nil, nil, tensor.S(1, 5))
	},
	"cut and turned": func(dt tensor.Dtype) *tensor.Dense {
		return turned(sliced(counted(dt, 4, 2, 5), nil, nil, tensor.S(1, 4)), 1, 2, 0)
	},
	"column-major cut": func(dt tensor.Dtype) *tensor.Dense {
		return sliced(tensor.New(tensor.WithShape(2, 3, 6), tensor.AsFortran(tensor.Range(dt, 0, 36))), nil, nil, tensor.S(2, 6))
	},
	"nothing masked": func(dt tensor.Dtype) *tensor.Dense {
		return tensor.New(tensor.WithShape(2, 3, 4), tensor.WithBacking(tensor.Range(dt, 0, 24), make([]bool, 24)))
	},
}

// elements are those of a view, as its own At gives them.
func elements(t *testing.T, v *tensor.Dense) []float64 {
	var list []float64
	for i := range 2 {
		for j := range 3 {
			for k := range 4 {
				e, err := v.At(i, j, k)
				require.NoError(t, err)
				if f, ok := e.(float32); ok {
					e = float64(f)
				}
				list = append(list, e.(float64))
			}
		}
	}
	return list
}

func wideOf(d *tensor.Dense) []float64 {
	if d.Dtype() == tensor.Float64 {
		return d.Float64s()
	}
	list := make([]float64, len(d.Float32s()))
	for i, v := range d.Float32s() {
		list[i] = float64(v)
	}
	return list
}

func TestRowMajor(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for name, view := range views {
			v := view(dt)
			require.Equal(t, tensor.Shape{2, 3, 4}, v.Shape(), name)
			d, err := graph.RowMajor(v)
			require.NoError(t, err, name)
			require.Equal(t, elements(t, v), wideOf(d), "%s of %v", name, dt)
			require.Equal(t, v.Shape(), d.Shape())
		}
	}
	x := counted(tensor.Float32, 2, 3)
	d, err := graph.RowMajor(x)
	require.NoError(t, err)
	require.Same(t, x, d)
}

// TestInputsInAnyOrder: what a tensor's order in memory is does not change results, in
// a Machine of this package and in one of Gorgonia's.
func TestInputsInAnyOrder(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for name, view := range views {
			g := graph.New(dt)
			x := g.Input("x", 2, 3, 4)
			y := g.At("y").Scale(x, 2)
			p, err := g.Compile(graph.Target{}, y)
			require.NoError(t, err)
			m, err := graph.NewMachine(p)
			require.NoError(t, err)
			want := elements(t, view(dt))
			for i := range want {
				want[i] *= 2
			}
			require.NoError(t, m.Set(x, view(dt)))
			require.NoError(t, m.Run(t.Context()))
			got, err := m.Value(y)
			require.NoError(t, err)
			require.Equal(t, want, wideOf(got), "%s of %v", name, dt)

			require.NoError(t, G.Let(x, view(dt)))
			require.NoError(t, graph.VM{Machine: m}.RunAll())
			require.Equal(t, want, wideOf(y.Value().(*tensor.Dense)), "%s of %v by RunAll", name, dt)
			tape := G.NewTapeMachine(g.Graph())
			require.NoError(t, tape.RunAll())
			require.Equal(t, want, wideOf(y.Value().(*tensor.Dense)), "%s of %v by TapeMachine", name, dt)
			require.NoError(t, tape.Close())
			if dt == tensor.Float64 {
				require.NoError(t, m.Set(x, view(tensor.Float32)), "widened")
				require.NoError(t, m.Run(t.Context()))
				require.Equal(t, want, wideOf(got))
			}
		}
	}
}

func TestInputsRefused(t *testing.T) {
	hidden := make([]bool, 24)
	hidden[7] = true
	for _, c := range []struct {
		x    *tensor.Dense
		want string
	}{
		{nil, "input x: got no tensor, want (2, 3, 4) of float32"},
		{&tensor.Dense{}, "input x: got () of no type, want (2, 3, 4) of float32"},
		{counted(tensor.Float64, 2, 3, 4), "of float64, want (2, 3, 4) of float32"},
		{counted(tensor.Int, 2, 3, 4), "of int, want"},
		{counted(tensor.Uint8, 2, 3, 4), "of uint8, want"},
		{counted(tensor.Float32, 2, 3, 4, 1), "got (2, 3, 4, 1)"},
		{counted(tensor.Float32, 24), "got (24)"},
		{counted(tensor.Float32, 4, 3, 2), "got (4, 3, 2)"},
		{tensor.New(tensor.WithShape(2, 3, 4), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 24), hidden)), "has a mask that hides element 7"},
	} {
		g := graph.New(tensor.Float32)
		x := g.Input("x", 2, 3, 4)
		p, err := g.Compile(graph.Target{}, g.At("y").Scale(x, 2))
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		require.ErrorContains(t, m.Set(x, c.x), c.want)
		if c.x == nil || c.x.Dtype() != tensor.Float32 && c.x.Dtype() != tensor.Float64 || c.x.IsMasked() {
			_, err = graph.RowMajor(c.x)
			require.Error(t, err, c.want)
		}
	}
}

// TestWeightsMustBeRowMajor: a weight is used as it lies, and may change there. One
// that lies otherwise is refused, and right once it is RowMajor.
func TestWeightsMustBeRowMajor(t *testing.T) {
	for name, value := range map[string]func() *tensor.Dense{
		"transposed": func() *tensor.Dense { return turned(counted(tensor.Float32, 4, 3)) },
		"column-major": func() *tensor.Dense {
			return tensor.New(tensor.WithShape(3, 4), tensor.AsFortran(tensor.Range(tensor.Float32, 0, 12)))
		},
		"sliced": func() *tensor.Dense { return sliced(counted(tensor.Float32, 3, 9), nil, tensor.S(2, 6)) },
	} {
		run := func(v *tensor.Dense, packs *machine.PackedWeights, lazy bool) (*tensor.Dense, error) {
			g := graph.New(tensor.Float32)
			if lazy {
				g.Lazy()
			}
			x := g.Input("x", 2, 4)
			y := g.At("y").Linear(x, g.Weight(graph.NewWeight("w", v)), nil)
			p, err := g.Compile(graph.Target{Device: on(machine.Options{Packed: packs})}, y)
			if err != nil {
				return nil, err
			}
			m, err := graph.NewMachine(p)
			if err != nil {
				return nil, err
			}
			require.NoError(t, m.Set(x, counted(tensor.Float32, 2, 4)))
			require.NoError(t, m.Run(t.Context()))
			return m.Value(y)
		}
		for _, packs := range []*machine.PackedWeights{nil, machine.NewPackedWeights()} {
			for _, lazy := range []bool{false, true} {
				_, err := run(value(), packs, lazy)
				require.ErrorContains(t, err, `weight "w" has strides`, name)
				rows, err := graph.RowMajor(value())
				require.NoError(t, err)
				got, err := run(rows, packs, lazy)
				require.NoError(t, err)
				var want []float32
				for i := range 2 {
					for j := range 3 {
						sum := float32(0)
						for k := range 4 {
							e, err := value().At(j, k)
							require.NoError(t, err)
							sum += float32(4*i+k) * e.(float32)
						}
						want = append(want, sum)
					}
				}
				require.Equal(t, want, got.Float32s())
			}
		}
	}
	g := graph.New(tensor.Float32)
	g.Weight(graph.NewWeight("w", nil))
	require.ErrorContains(t, g.Err(), "weight is missing")
}
