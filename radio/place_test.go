package radio

import (
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// TestPlace: a white dot is found where Place says, whatever the way to the model's size.
func TestPlace(t *testing.T) {
	const h, w, y, x = 200, 300, 120, 170
	img := grey(h, w, 0)
	for dy := -6; dy <= 6; dy++ {
		for dx := -6; dx <= 6; dx++ {
			copy(img.Pix[3*((y+dy)*w+x+dx):], []byte{255, 255, 255})
		}
	}
	for name, change := range map[string]func(e *Encoder){
		"card":           func(*Encoder) {},
		"pixels":         func(e *Encoder) { e.Size = PixelCount(64 * 64) },
		"other aspect":   func(e *Encoder) { e.Size = Fixed(96, 48) },
		"exact":          func(e *Encoder) { e.Size, e.Exact = ShortEdge(50), true },
		"crop":           func(e *Encoder) { e.Processor = crop(t) },
		"crop in Python": func(e *Encoder) { e.Processor, e.Exact = crop(t), true },
	} {
		t.Run(name, func(t *testing.T) {
			e := NewEncoder(openNano(t, Options{}))
			e.Processor = image.ShortEdgeProcessor(64)
			change(e)
			seen, err := e.Resize(img)
			require.NoError(t, err)
			sum, sy, sx := 0.0, 0.0, 0.0
			for i := range seen.H * seen.W {
				v := float64(seen.Pix[3*i])
				sum += v
				sy += v * (float64(i/seen.W) + 0.5)
				sx += v * (float64(i%seen.W) + 0.5)
			}
			py, px, err := e.Place(h, w, y+0.5, x+0.5)
			require.NoError(t, err)
			require.InDelta(t, sy/sum, py, 0.6)
			require.InDelta(t, sx/sum, px, 0.6)
		})
	}
}

func crop(t *testing.T) *image.Processor {
	p, err := image.ParseProcessor([]byte(`{"size": {"shortest_edge": 80}, "crop_size": {"height": 64, "width": 64}, "do_rescale": true, "do_normalize": false}`))
	require.NoError(t, err)
	return p
}
