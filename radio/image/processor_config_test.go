package image

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigReadsBack(t *testing.T) {
	crop, err := ParseProcessor([]byte(`{"size": {"shortest_edge": 50, "longest_edge": 90}, "crop_size": {"height": 3, "width": 4}, "resample": 2}`))
	require.NoError(t, err)
	for _, p := range []*Processor{ShortEdgeProcessor(432), SquareProcessor(224, 320), clipDefaults(), crop} {
		text, err := p.Config()
		require.NoError(t, err)
		q, err := ParseProcessor(text)
		require.NoError(t, err)
		again, err := q.Config()
		require.NoError(t, err)
		require.JSONEq(t, string(text), string(again))
		h, w := p.Size(300, 500)
		h2, w2 := q.Size(300, 500)
		require.Equal(t, [2]int{h, w}, [2]int{h2, w2})
		require.Equal(t, p.ImageStd, q.ImageStd)
	}
}
