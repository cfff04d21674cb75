package cputest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// probeCase is a batch and what sees it.
type probeCase struct {
	batch, width, classes int
	inputs                [][3]int // from, to, heads
	standardised          bool
}

var probeCases = []probeCase{
	{1, 3, 2, [][3]int{{0, 3, 1}}, false},
	{5, 40, 3, [][3]int{{0, 40, 1}}, true},
	{37, 130, 10, [][3]int{{0, 130, 3}}, false},
	{70, 100, 17, [][3]int{{0, 41, 2}, {41, 100, 1}, {0, 100, 1}}, true},
	{33, 900, 5, [][3]int{{100, 900, 2}, {500, 700, 1}}, true},
	{200, 64, 130, [][3]int{{0, 64, 2}}, true},
	{900, 33, 4, [][3]int{{1, 33, 1}}, false},
	{140, 430, 101, [][3]int{{0, 384, 1}, {0, 430, 1}}, true},
	{130, 640, 40, [][3]int{{0, 640, 1}}, false},
}

// linearProbe compares with the definition in float64, of float32 and of bfloat16 rows.
func linearProbe(t *test) {
	for i, c := range probeCases {
		for _, low := range []bool{false, true} {
			t.Run(fmt.Sprintf("%dx%dx%d/%v", c.batch, c.width, c.classes, low), func(t *test) { oneProbe(t, uint64(i), c, low) })
		}
	}
	t.Run("Check", probeCheck)
}

func oneProbe(t *test, seed uint64, c probeCase, low bool) {
	s := from(t, seed)
	const rows = 50
	x := normal[float32](s, rows*c.width, 1)
	short := make([]uint16, len(x))
	for i, v := range x {
		if c.standardised && i%c.width == 1 {
			v = 40 + 8*v // far from 0
		}
		x[i] = v
		if low {
			b := math.Float32bits(v)
			short[i] = uint16((b + 0x7fff + b>>16&1) >> 16)
			x[i] = math.Float32frombits(uint32(short[i]) << 16)
		}
	}
	op := cpu.LinearProbe{Width: c.width, Classes: c.classes}
	if low {
		op.BFloat16 = func(i int) []uint16 { return short[i*c.width:][:c.width] }
	} else {
		op.Float32 = func(i int) []float32 { return x[i*c.width:][:c.width] }
	}
	for i := range c.batch {
		op.Rows, op.Labels = append(op.Rows, (i*7+3)%rows), append(op.Labels, int32((i*5+1)%c.classes))
	}
	if c.standardised {
		op.Mean, op.Factor = make([]float32, c.width), make([]float32, c.width)
		for j := range op.Mean {
			op.Factor[j] = 1 + float32(j%3)/4
		}
		op.Mean[1], op.Factor[1] = 40, 0.125
	}
	heads := 0
	for _, in := range c.inputs {
		n, d := in[2]*c.classes, in[1]-in[0]
		op.Inputs = append(op.Inputs, cpu.LinearProbeInput{
			From: in[0], To: in[1], Heads: in[2], Weight: normal[float32](s, n*d, 1/math.Sqrt(float64(d))), Bias: normal[float32](s, n, 1),
			DWeight: dirty[float32](s, n*d), DBias: dirty[float32](s, n), Loss: make([]float64, in[2]),
		})
		heads += in[2]
	}
	op.Ranks, op.Scores = make([]int32, heads*c.batch), dirty[float32](s, c.batch*heads*c.classes)
	want := defineProbe(&op, x)
	require.NoError(t, op.Check())
	roundings := 8.0
	if low {
		roundings = 0x1p16 // of bfloat16 operands
		if t.level == cpu.Plain || t.level == cpu.AVX2 || t.level == cpu.AVXVNNI || t.level == cpu.AVX512 {
			roundings = 8
		}
	}
	var first cpu.LinearProbe
	for _, p := range t.pools {
		op.Run(p)
		if first.Scores == nil {
			near(t, op.Scores, want.scores, roundings)
			for k, in := range op.Inputs {
				near(t, in.DWeight, want.weights[k], roundings*4)
				near(t, in.DBias, want.biases[k], roundings*4)
				for h, v := range in.Loss {
					require.InDelta(t, want.losses[k][h], v, roundings*0x1p-22*(1+want.losses[k][h]), "loss")
				}
			}
			requireRanks(t, &op, heads)
			first.Scores, first.Ranks = slices.Clone(op.Scores), slices.Clone(op.Ranks)
			for _, in := range op.Inputs {
				first.Inputs = append(first.Inputs, cpu.LinearProbeInput{DWeight: slices.Clone(in.DWeight), DBias: slices.Clone(in.DBias), Loss: slices.Clone(in.Loss)})
			}
			continue
		}
		ways := fmt.Sprintf("%d threads against one", p.Threads())
		sameBits(t, first.Scores, op.Scores, ways)
		require.Equal(t, first.Ranks, op.Ranks, ways)
		for k, in := range op.Inputs {
			sameBits(t, first.Inputs[k].DWeight, in.DWeight, ways)
			sameBits(t, first.Inputs[k].DBias, in.DBias, ways)
			sameBits(t, first.Inputs[k].Loss, in.Loss, ways)
		}
	}
	require.Zero(t, testing.AllocsPerRun(2, func() { op.Run(t.pools[3]) }), "allocations per run")
}

// requireRanks requires the ranks of the scores.
func requireRanks(t *test, op *cpu.LinearProbe, heads int) {
	t.Helper()
	for at, l := range op.Labels {
		for h := range heads {
			z := op.Scores[(at*heads+h)*op.Classes:][:op.Classes]
			r := int32(0)
			for _, v := range z {
				if v > z[l] {
					r++
				}
			}
			require.Equal(t, r, op.Ranks[h*len(op.Rows)+at], "rank of row %d, classifier %d", at, h)
		}
	}
}

// probed is what a LinearProbe should find.
type probed struct {
	scores          []float64
	weights, biases [][]float64
	losses          [][]float64
}

func defineProbe(op *cpu.LinearProbe, x []float32) (want probed) {
	value := func(at, c int) float64 {
		v := float64(x[op.Rows[at]*op.Width+c])
		if op.Mean != nil {
			v = (v - float64(op.Mean[c])) * float64(op.Factor[c])
		}
		return v
	}
	n := float64(len(op.Rows))
	outputs := 0
	for _, in := range op.Inputs {
		outputs += len(in.Bias)
	}
	want.scores = make([]float64, len(op.Rows)*outputs)
	first := 0
	for _, in := range op.Inputs {
		d := in.To - in.From
		weights, biases, losses := make([]float64, len(in.Weight)), make([]float64, len(in.Bias)), make([]float64, in.Heads)
		for at, l := range op.Labels {
			for h := range in.Heads {
				z := want.scores[at*outputs+first+h*op.Classes:][:op.Classes]
				sum := 0.0
				for k := range z {
					r := h*op.Classes + k
					z[k] = float64(in.Bias[r])
					for c := range d {
						z[k] += value(at, in.From+c) * float64(in.Weight[r*d+c])
					}
					sum += math.Exp(z[k])
				}
				losses[h] += (math.Log(sum) - z[l]) / n
				for k := range z {
					r, e := h*op.Classes+k, math.Exp(z[k])/sum/n
					if k == int(l) {
						e -= 1 / n
					}
					biases[r] += e
					for c := range d {
						weights[r*d+c] += e * value(at, in.From+c)
					}
				}
			}
		}
		want.weights, want.biases, want.losses = append(want.weights, weights), append(want.biases, biases), append(want.losses, losses)
		first += len(in.Bias)
	}
	return want
}

func probeCheck(t *test) {
	ok := cpu.LinearProbe{
		Float32: func(int) []float32 { return []float32{1, 2} }, Width: 2, Classes: 3, Rows: []int{0}, Labels: []int32{1},
		Inputs: []cpu.LinearProbeInput{{To: 2, Heads: 1, Weight: make([]float32, 6), Bias: make([]float32, 3), Loss: make([]float64, 1)}},
	}
	require.NoError(t, ok.Check())
	for want, spoil := range map[string]func(*cpu.LinearProbe){
		"want either Float32 or BFloat16": func(o *cpu.LinearProbe) { o.Float32 = nil },
		"Labels":                          func(o *cpu.LinearProbe) { o.Labels = nil },
		"label 0 is 3, want 0 to 2":       func(o *cpu.LinearProbe) { o.Labels = []int32{3} },
		"Rows":                            func(o *cpu.LinearProbe) { o.Rows, o.Labels = nil, nil },
		"Mean":                            func(o *cpu.LinearProbe) { o.Factor = make([]float32, 2) },
		"Ranks":                           func(o *cpu.LinearProbe) { o.Ranks = make([]int32, 2) },
		"Scores":                          func(o *cpu.LinearProbe) { o.Scores = make([]float32, 2) },
		"columns 0 to 3":                  func(o *cpu.LinearProbe) { o.Inputs = []cpu.LinearProbeInput{{To: 3}} },
		"DWeight": func(o *cpu.LinearProbe) {
			in := o.Inputs[0]
			in.DWeight = make([]float32, 1)
			o.Inputs = []cpu.LinearProbeInput{in}
		},
	} {
		bad := ok
		spoil(&bad)
		require.ErrorContains(t, bad.Check(), want)
	}
}
