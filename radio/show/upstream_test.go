package show

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUpstreamsColours: testdata/visualize.json holds results of upstream's visualize_features.py.
// conformance/reference/visualize.py wrote it.
func TestUpstreamsColours(t *testing.T) {
	data, err := os.ReadFile("testdata/visualize.json")
	require.NoError(t, err)
	var want struct {
		Rows, Cols, Width int
		Features          [][]float32
		Cases             map[string]struct {
			Axes      [][]float64
			Low, High []float64
			Colours   [][]float64
			Side      Side
			At        float64
			Mask      []float64
		}
	}
	require.NoError(t, json.Unmarshal(data, &want))
	x := Tokens{Rows: want.Rows, Cols: want.Cols}
	for _, token := range want.Features {
		x.Features = append(x.Features, token...)
	}
	options := map[string]BasisOptions{"plain": {}, "skipped": {Skip: 1}, "foreground": {}}
	for name, c := range want.Cases {
		t.Run(name, func(t *testing.T) {
			opt, known := options[name]
			require.True(t, known)
			opt.Front, opt.FrontAt = c.Side, c.At
			b, err := Fit([]Tokens{x}, want.Width, opt)
			require.NoError(t, err)
			for k := range 3 {
				for i, v := range c.Axes[k] {
					require.InDelta(t, v, b.Axes[k*want.Width+i], 1e-5, "axis %d", k)
				}
				require.InDelta(t, c.Low[k], b.Low[k], 1e-4)
				require.InDelta(t, c.High[k], b.High[k], 1e-4)
			}
			in := b.Foreground(x.Features)
			colours := b.Colours(x).Values
			for i, v := range c.Colours {
				if c.Mask != nil {
					require.Equal(t, c.Mask[i] == 1, in[i], "token %d", i)
				}
				if in[i] { // upstream also colours the background, with the components of the foreground
					require.InDeltaSlice(t, v, colours[3*i:3*i+3], 1e-4, "token %d", i)
				}
			}
		})
	}
}
