package data_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cradio/radio/data"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

func TestGenerate(t *testing.T) {
	a, b, c := t.TempDir(), filepath.Join(t.TempDir(), "new"), t.TempDir()
	opt := data.GenerateOptions{Classes: 3, PerClass: 6, Size: 32}
	require.NoError(t, data.Generate(t.Context(), a, opt))
	require.NoError(t, data.Generate(t.Context(), b, opt))
	opt.Seed = 1
	require.NoError(t, data.Generate(t.Context(), c, opt))
	d, err := data.Open(a)
	require.NoError(t, err)
	require.NoError(t, d.Read(t.Context(), nil))
	require.Equal(t, []string{"circle", "square", "triangle"}, d.Classes)
	require.Empty(t, d.Skipped)
	require.Equal(t, []int{4, 4, 4}, d.Counts(data.Train))
	require.Equal(t, []int{1, 1, 1}, d.Counts(data.Test))
	for _, item := range d.Items {
		name, err := filepath.Rel(a, item.Path)
		require.NoError(t, err)
		first, err := os.ReadFile(item.Path)
		require.NoError(t, err)
		again, err := os.ReadFile(filepath.Join(b, name))
		require.NoError(t, err)
		require.Equal(t, first, again)
		other, err := os.ReadFile(filepath.Join(c, name))
		require.NoError(t, err)
		require.NotEqual(t, first, other)
	}
	require.ErrorContains(t, data.Generate(t.Context(), a, opt), "is not empty; choose another folder")
}

// TestGenerateTargets: each shape can be seen in its mask, and is nearer than what is behind it.
func TestGenerateTargets(t *testing.T) {
	masks, depths := t.TempDir(), t.TempDir()
	require.Len(t, data.Shapes(), 8)
	opt := data.GenerateOptions{Kind: data.Masks, Classes: 8, PerClass: 2, Size: 48}
	require.NoError(t, data.Generate(t.Context(), masks, opt))
	opt.Kind = data.Depths
	require.NoError(t, data.Generate(t.Context(), depths, opt))
	pairs, alone, err := data.Pairs(filepath.Join(masks, "images"), filepath.Join(masks, "masks"))
	require.NoError(t, err)
	require.Empty(t, alone)
	require.Len(t, pairs, 16)
	for _, p := range pairs {
		img, err := image.DecodeFile(p.Picture, image.DecodeOptions{})
		require.NoError(t, err)
		m, err := data.ReadMask(p.Target, data.MaskOptions{Classes: 9, H: img.H, W: img.W})
		require.NoError(t, err)
		shape := slices.Max(m.Pix)
		require.Equal(t, uint8(slices.Index(data.Shapes(), filepath.Base(p.Picture)[:len(filepath.Base(p.Picture))-len("-0000.png")])+1), shape)
		d, err := data.ReadDepth(filepath.Join(depths, "depth", filepath.Base(p.Target)), data.Millimetres, img.H, img.W)
		require.NoError(t, err)
		covered := 0
		for i, c := range m.Pix {
			require.Equal(t, c != 0, d.Metres[i] < 1.9)
			if c != 0 {
				covered++
			}
		}
		require.Greater(t, covered, 48*48/50)
		require.Less(t, covered, 48*48*2/3)
	}
}

func TestGenerateErrors(t *testing.T) {
	for want, opt := range map[string]data.GenerateOptions{
		`the kind is "x": must be labels, masks or depth`: {Kind: "x"},
		"the number of classes is 9: must be 1 to 8":      {Classes: 9},
		"the pictures of a class are -1":                  {PerClass: -1},
		"the size is 8: must be 16 to 4096 pixels":        {Size: 8},
	} {
		require.ErrorContains(t, data.Generate(t.Context(), t.TempDir(), opt), want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, data.Generate(ctx, t.TempDir(), data.GenerateOptions{}), context.Canceled)
}
