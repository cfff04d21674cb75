package eval_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"

	"cradio/radio/eval"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// ramp is a picture whose pixels say where they are.
func ramp(h, w int) *image.RGB {
	img := &image.RGB{H: h, W: w}
	for y := range h {
		for x := range w {
			img.Pix = append(img.Pix, uint8(y), uint8(x), 0)
		}
	}
	return img
}

// itself predicts two channels of a window: its rows and its columns.
func itself(_ context.Context, img *image.RGB) (eval.Map, error) {
	m := eval.Map{H: img.H, W: img.W, Channels: 2}
	for i := 0; i < len(img.Pix); i += 3 {
		m.Values = append(m.Values, float32(img.Pix[i]), float32(img.Pix[i+1]))
	}
	return m, nil
}

// Windows cover a picture as mmsegmentation's do, and give every pixel its own numbers.
func TestSlide(t *testing.T) {
	s := eval.Slide{Window: 16, Stride: 11}
	require.Equal(t, []eval.Window{{0, 0, 16, 16}, {0, 11, 16, 16}, {0, 14, 16, 16}}, s.Windows(16, 30))
	require.Equal(t, []eval.Window{{0, 0, 9, 16}, {0, 1, 9, 16}}, s.Windows(9, 17))
	for _, size := range [][2]int{{16, 16}, {40, 30}, {7, 50}, {3, 4}, {27, 38}} {
		img := ramp(size[0], size[1])
		want, err := itself(t.Context(), img)
		require.NoError(t, err)
		for _, s := range []eval.Slide{{}, s, {Window: 5, Stride: 5}, {Window: 8, Stride: 3}} {
			got, err := s.Predict(t.Context(), img, itself, eval.Options{})
			require.NoError(t, err)
			require.Equal(t, want, got, "%v of %v", s, size)
		}
	}
}

// Where windows overlap, the mean of their logits counts.
func TestSlideAverages(t *testing.T) {
	n := float32(0)
	got, err := eval.Slide{Window: 4, Stride: 2}.Predict(t.Context(), ramp(4, 6), func(context.Context, *image.RGB) (eval.Map, error) {
		n++
		return eval.Map{H: 1, W: 1, Channels: 1, Values: []float32{n}}, nil
	}, eval.Options{})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 1, 1.5, 1.5, 2, 2}, got.Values[:6])
}

func TestSlideErrors(t *testing.T) {
	for want, s := range map[string]eval.Slide{
		"windows of 4 pixels every 5 leave gaps":    {Window: 4, Stride: 5},
		"windows of 4 pixels every 0: both must be": {Window: 4},
	} {
		_, err := s.Predict(t.Context(), ramp(2, 2), itself, eval.Options{})
		require.ErrorContains(t, err, want)
	}
	_, err := eval.Slide{}.Predict(t.Context(), &image.RGB{}, itself, eval.Options{})
	require.ErrorContains(t, err, "the picture has no pixels")
	failed := errors.New("out of memory")
	_, err = eval.Slide{}.Predict(t.Context(), ramp(2, 2), func(context.Context, *image.RGB) (eval.Map, error) { return eval.Map{}, failed }, eval.Options{})
	require.ErrorIs(t, err, failed)
	_, err = eval.Slide{}.Predict(t.Context(), ramp(2, 2), func(context.Context, *image.RGB) (eval.Map, error) { return eval.Map{H: 1, W: 1, Channels: 2}, nil }, eval.Options{})
	require.ErrorContains(t, err, "the prediction has 0 numbers on a grid of 1 x 1 with 2 channels")
}

// A picture of 40 x 60 pixels is predicted in windows of 32, and its classes compared with a mask.
func ExampleSlide() {
	img := &image.RGB{H: 40, W: 60, Pix: make([]uint8, 3*40*60)}
	predict := func(_ context.Context, window *image.RGB) (eval.Map, error) {
		// a model would run here; its grid is coarser than the pixels
		return eval.Map{H: 1, W: 1, Channels: 2, Values: []float32{0.2, 0.8}}, nil
	}
	m, err := eval.Slide{Window: 32, Stride: 21}.Predict(context.Background(), img, predict, eval.Options{})
	if err != nil {
		log.Fatal(err)
	}
	areas := eval.NewAreas(2)
	if err := eval.AddMask(areas, m.Classes(), make([]int, 40*60)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.H, m.W, areas.PixelAccuracy())
	// Output: 40 60 0
}
