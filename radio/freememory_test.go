package radio

import (
	"context"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// TestFreeMemory: a program is told once that weights were packed, and of each large batch of images.
func TestFreeMemory(t *testing.T) {
	leveled(t)
	told := 0
	m := openNano(t, Options{FreeMemory: func() { told++ }})
	require.Zero(t, told)
	forward(t, m, pattern(1, 32, 32), Request{})
	require.Equal(t, 1, told, "weights were packed")
	forward(t, m, pattern(1, 32, 32), Request{})
	forward(t, m, pattern(2, 48, 32), Request{})
	require.Equal(t, 1, told, "nothing new was packed")

	e := NewEncoder(m)
	e.Size, e.BatchSize = Square(224), 56
	images := make([]*image.RGB, e.BatchSize)
	for i := range images {
		images[i] = &image.RGB{H: 1, W: 1, Pix: []uint8{1, 2, 3}}
	}
	_, err := e.Encode(context.Background(), images[0])
	require.NoError(t, err)
	require.Equal(t, 1, told, "one image is small")
	_, err = e.Encode(context.Background(), images...)
	require.NoError(t, err)
	require.Equal(t, 2, told)
}
