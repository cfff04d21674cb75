package radio

import (
	"fmt"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestSourcesAreTheOutputs(t *testing.T) {
	m := openNano(t, Options{})
	x := pattern(2, 48, 80)
	list := []Source{SummarySource, FeaturesSource, MeanSource, BlockSource(1), ClassSource(1)}
	out := forward(t, m, x, Request{Sources: list, Intermediates: &Intermediates{Blocks: []int{1}, Prefix: true}})
	require.Len(t, out.Sources, len(list))
	require.Equal(t, out.Summary, out.Sources[SummarySource])
	require.Equal(t, out.Features, out.Sources[FeaturesSource])
	require.Equal(t, out.Intermediates[0].Features, out.Sources[BlockSource(1)])
	prefix, class := out.Intermediates[0].Prefix.Float32s(), out.Sources[ClassSource(1)].Float32s()
	for i, token := range m.net.Config.SummaryIdxs {
		require.Equal(t, prefix[token*64:(token+1)*64], class[i*64:(i+1)*64])
	}
	var mean float64
	for i := range 15 {
		mean += float64(out.Features.Float32s()[i*64])
	}
	require.InDelta(t, mean/15, out.Sources[MeanSource].Float32s()[0], 1e-5)
	for s, d := range out.Sources {
		shape, err := s.Shape(m.net.Config, 3, 5)
		require.NoError(t, err)
		require.Equal(t, append([]int{2}, shape...), []int(d.Shape()), s)
	}
}

func TestSourcesOfOtherModelsAreRefused(t *testing.T) {
	m := openNano(t, Options{})
	for s, want := range map[Source]string{
		"":             `source "": want summary, features,`,
		"block:":       `source "block:": want`,
		"block:-1":     `source "block:-1": want`,
		"block:01":     `source "block:01": want`,
		"class:3":      `source class:3: block 3 does not exist; the model has 3, 0 to 2`,
		"adaptor:":     `source "adaptor:": want`,
		"adaptor:clip": `source adaptor:clip: no adaptor "clip": this checkpoint has none`,
	} {
		_, err := m.Plan(1, 32, 32, Request{Sources: []Source{s}})
		require.ErrorContains(t, err, want)
	}
}

// sumHead is the sum over the features, and their grid upside down.
type sumHead struct{ grid bool }

func (sumHead) Sources() []Source { return []Source{FeaturesSource} }

func (sumHead) CheckConfig(c *Config) error {
	if c.Width != 64 {
		return fmt.Errorf("width is %d, want 64", c.Width)
	}
	return nil
}

func (h sumHead) Infer(g *graph.Builder, in map[Source]*graph.Node, grid Grid) (*graph.Node, Grid) {
	x := in[FeaturesSource]
	if h.grid {
		return g.Scale(x, -1), grid
	}
	return g.MeanTokens(x), Grid{}
}

func TestHeadsRunInTheSameProgram(t *testing.T) {
	m := openNano(t, Options{})
	for _, layout := range []Layout{NLC, NCHW} {
		out := forward(t, m, pattern(2, 48, 80), Request{Layout: layout, Sources: []Source{MeanSource}, Heads: []Head{&sumHead{}, &sumHead{grid: true}}})
		require.Equal(t, out.Sources[MeanSource], out.Heads[0].Values)
		require.Equal(t, Grid{}, out.Heads[0].Grid)
		require.Equal(t, Grid{3, 5}, out.Heads[1].Grid)
		want := tensor.Shape{2, 15, 64}
		if layout == NCHW {
			want = tensor.Shape{2, 64, 3, 5}
		}
		require.Equal(t, want, out.Heads[1].Values.Shape())
		require.Equal(t, -out.Features.Float32s()[7], out.Heads[1].Values.Float32s()[7])
	}
	_, err := m.Plan(1, 32, 32, Request{Heads: []Head{nil}})
	require.ErrorContains(t, err, "head 0 is nil")
	other := *m.net.Config
	other.Width = 384
	require.ErrorContains(t, (&Network{Config: &other}).checkHeads([]Head{&sumHead{}}), "width is 384, want 64")
}
