package data_test

import (
	"context"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// TestReadSkips: unreadable pictures are listed, and copies do not straddle given parts.
func TestReadSkips(t *testing.T) {
	dir := tree(t, map[string]string{
		"train/a/1.png": "png:1", "train/a/2.png": "no picture", "train/b/3.png": "png:3", "train/b/4.png": "png:9", "train/a/5.png": "png:1",
		"test/a/1.png": "png:9", "val/a/2.png": "png:9", "val/c/6.png": "png:6",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	var last []int
	require.NoError(t, d.Read(t.Context(), func(done, total int) { last = []int{done, total} }))
	require.Equal(t, []int{8, 8}, last)
	require.Len(t, d.Items, 5)
	require.Len(t, d.Skipped, 3)
	require.ErrorContains(t, d.Skipped[0].Err, "2.png")
	require.ErrorIs(t, d.Skipped[1].Err, data.ErrStraddles)
	require.ErrorContains(t, d.Skipped[1].Err, "a picture of train with the same contents is in test too")
	lines, warnings := d.Report()
	require.Equal(t, []string{
		"train: 3 pictures of 2 classes, 1 (b) to 2 (a) each", "val: 1 picture of 1 class, 1 each", "test: 1 picture of 1 class, 1 each",
	}, lines)
	require.Equal(t, []string{
		"val has pictures of 1 class that train lacks: c; they are always answered wrong", "1 picture cannot be read and is skipped",
		"2 pictures left out of a part, since the same contents are in a later part",
	}, warnings)

	bad, err := data.Open(tree(t, map[string]string{"a/1.png": "x", "b/1.png": ""}))
	require.NoError(t, err)
	require.ErrorContains(t, bad.Read(t.Context(), nil), "none of the 2 pictures can be used; the first: ")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, d.Read(ctx, nil), context.Canceled)
}
