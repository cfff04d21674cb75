package radio

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// softmaxRow is the definition, from a tap (1, T, 3D).
func softmaxRow(qkv []float32, tokens, dim, heads, head, row int) []float64 {
	d := dim / heads
	p := make([]float64, tokens)
	sum := 0.0
	for t := range p {
		for j := range d {
			p[t] += float64(qkv[row*3*dim+head*d+j]) * float64(qkv[t*3*dim+dim+head*d+j])
		}
		p[t] = math.Exp(p[t] / math.Sqrt(float64(d)))
		sum += p[t]
	}
	for t := range p {
		p[t] /= sum
	}
	return p
}

func TestAttentionRows(t *testing.T) {
	for _, d := range DTypes() {
		if d.GPUAlone() {
			continue
		}
		m := openNano(t, Options{DType: d})
		c := m.Config()
		req := Request{
			Attention: []AttentionRows{{Block: -1, Rows: []int{0, c.Prefix() + 4, 0}}, {Block: 0, Rows: []int{3}}},
			Taps:      []string{"blocks.2.attn.qkv", "blocks.2.attn.weights"},
		}
		out := forward(t, m, pattern(2, 48, 80), req)
		require.Len(t, out.Attention, 2)
		a := out.Attention[0]
		tokens := c.Prefix() + 15
		require.Equal(t, 2, a.Block)
		require.Equal(t, tensor.Shape{2, c.Heads, 3, tokens}, a.Weights.Shape())
		require.Equal(t, tensor.Shape{2, c.Heads, 1, tokens}, out.Attention[1].Weights.Shape())
		require.Equal(t, a.Weights.Data(), out.Taps["blocks.2.attn.weights"].Data(), "a tap of the same name")
		if d == Float64 {
			continue // the definition below reads float32
		}
		qkv := out.Taps["blocks.2.attn.qkv"].Float32s()
		for b := range 2 {
			for h := range c.Heads {
				for i, row := range a.Rows {
					want := softmaxRow(qkv[b*tokens*3*c.Width:], tokens, c.Width, c.Heads, h, row)
					got := a.Weights.Float32s()[((b*c.Heads+h)*3+i)*tokens:][:tokens]
					for k := range want {
						require.InDelta(t, want[k], got[k], 1e-6, "%s", d)
					}
				}
			}
		}
		plain := forward(t, m, pattern(2, 48, 80), Request{})
		require.InDeltaSlice(t, plain.Features.Float32s(), out.Features.Float32s(), 0.1, "asking changes nothing else")
		if d == Float32 {
			require.Equal(t, plain.Features.Data(), out.Features.Data())
		}
	}
}

// In ViTDet mode tokens are counted as always, and blocks in windows are refused.
func TestAttentionRowsViTDet(t *testing.T) {
	m := openNano(t, Options{ViTDet: ViTDet{Window: 2, NumWindowed: 1}})
	require.True(t, m.net.windowed(0))
	require.False(t, m.net.windowed(1))
	c := m.Config()
	row := c.Prefix() + 5
	req := Request{Attention: []AttentionRows{{Block: 1, Rows: []int{row}}}, Taps: []string{"blocks.1.attn.qkv"}}
	out := forward(t, m, pattern(1, 64, 64), req)
	tokens := c.Prefix() + 16
	at := make([]int, 0, tokens) // what each place of the tap holds
	for i := range c.Prefix() {
		at = append(at, i)
	}
	for w := range 4 {
		for p := range 4 {
			at = append(at, c.Prefix()+(w/2*2+p/2)*4+w%2*2+p%2)
		}
	}
	inside := 0
	for place, token := range at {
		if token == row {
			inside = place
		}
	}
	for h := range c.Heads {
		want := softmaxRow(out.Taps["blocks.1.attn.qkv"].Float32s(), tokens, c.Width, c.Heads, h, inside)
		got := out.Attention[0].Weights.Float32s()[h*tokens:][:tokens]
		for place, token := range at {
			require.InDelta(t, want[place], got[token], 1e-6)
		}
	}
	_, err := m.Run(context.Background(), pattern(1, 64, 64), Request{Attention: []AttentionRows{{Block: 0, Rows: []int{0}}}})
	require.ErrorContains(t, err, "block 0 sees windows of 2×2 patches in ViTDet mode; choose a global one (1, 2)")
}

func TestAttentionRowsRefused(t *testing.T) {
	m := openNano(t, Options{})
	for want, r := range map[string]AttentionRows{
		"block 3 does not exist; the model has 3":                    {Block: 3, Rows: []int{0}},
		"block -4 does not exist":                                    {Block: -4, Rows: []int{0}},
		"no rows: give at least one token":                           {Block: 0},
		"blocks.0.attn.weights: AttentionWeights{heads=2 rows=[-1]}": {Block: 0, Rows: []int{-1}},
		"token 99 does not exist: there are 12, 0 to 11":             {Block: 0, Rows: []int{99}},
	} {
		_, err := m.Run(context.Background(), pattern(1, 32, 32), Request{Attention: []AttentionRows{r}})
		require.ErrorContains(t, err, want)
	}
}

// An encoder gives each image its own, and joins them.
func TestAttentionRowsOfAnEncoder(t *testing.T) {
	e := keepSize(t, 2)
	e.Request.Attention = []AttentionRows{{Block: -1, Rows: []int{0}}}
	all, err := e.Encode(context.Background(), grey(32, 32, 10), grey(32, 32, 200))
	require.NoError(t, err)
	c := e.Model.Config()
	tokens := c.Prefix() + 4
	require.Equal(t, tensor.Shape{2, c.Heads, 1, tokens}, all.Attention[0].Weights.Shape())
	require.Equal(t, tensor.Shape{c.Heads, 1, tokens}, all.Items[1].Attention[0].Weights.Shape())
	require.Equal(t, all.Attention[0].Weights.Float32s()[c.Heads*tokens:], all.Items[1].Attention[0].Weights.Float32s())
	mixed, err := e.Encode(context.Background(), grey(32, 32, 10), grey(48, 32, 200))
	require.NoError(t, err)
	require.Nil(t, mixed.Attention, "sizes differ")
	require.Len(t, mixed.Items[0].Attention, 1)
}
