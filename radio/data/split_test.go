package data_test

import (
	"fmt"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// TestSplitByContents: copies stay together, and more pictures move none.
func TestSplitByContents(t *testing.T) {
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("a/%d.png", i)] = fmt.Sprintf("png:%d", i)
		files[fmt.Sprintf("b/%d.png", i)] = fmt.Sprintf("png:%d", i%250)
	}
	d, err := data.Open(tree(t, files))
	require.NoError(t, err)
	f := data.Fractions{Val: 0.2, Test: 0.3}
	require.ErrorContains(t, d.Split("", f, 0), "before it was read")
	require.NoError(t, d.Read(t.Context(), nil))
	require.ErrorContains(t, d.Split("", data.Fractions{Val: 0.5, Test: 0.5}, 0), "their sum below 1")
	require.NoError(t, d.Split("", f, 0))
	part := map[[32]byte]data.Part{}
	for _, item := range d.Items {
		if p, ok := part[item.SHA256]; ok {
			require.Equal(t, p, item.Part, "a copy is in another part")
		}
		part[item.SHA256] = item.Part
	}
	require.Len(t, part, 300)
	require.InDelta(t, 0.3, float64(len(d.Part(data.Test)))/600, 0.06)
	require.InDelta(t, 0.2, float64(len(d.Part(data.Val)))/600, 0.06)
	few := map[string]string{}
	for i := range 100 {
		few[fmt.Sprintf("z/%d.png", 299-i)] = fmt.Sprintf("png:%d", 299-i)
	}
	less, err := data.Open(tree(t, few))
	require.NoError(t, err)
	require.NoError(t, less.Read(t.Context(), nil))
	require.NoError(t, less.Split("", f, 0))
	moved := 0
	for _, item := range less.Items {
		require.Equal(t, part[item.SHA256], item.Part)
	}
	for i := range less.Items {
		less.Items[i].Part = ""
	}
	require.NoError(t, less.Split("", f, 1))
	for _, item := range less.Items {
		if part[item.SHA256] != item.Part {
			moved++
		}
	}
	require.Greater(t, moved, 20, "another seed gives another split")
}

// TestSplitKeepsClasses: a class of few pictures is never left to val and test alone.
func TestSplitKeepsClasses(t *testing.T) {
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("%d/x.png", i)] = fmt.Sprintf("png:%d", i)
		files[fmt.Sprintf("%d/copy.png", i)] = fmt.Sprintf("png:%d", i)
		if i%2 == 0 {
			files[fmt.Sprintf("%d/y.png", i)] = fmt.Sprintf("png:%d y", i)
		}
	}
	d, err := data.Open(tree(t, files))
	require.NoError(t, err)
	require.NoError(t, d.Read(t.Context(), nil))
	require.NoError(t, d.Split("", data.Fractions{Val: 0.4, Test: 0.3}, 5))
	require.NotContains(t, d.Counts(data.Train), 0)
	alone := 0
	for c, n := range d.Counts(data.Train) {
		if c%2 == 1 {
			require.Equal(t, 2, n, "of one picture and its copy")
		} else if n < 3 {
			alone++
		}
	}
	require.Greater(t, alone, 60, "the others keep what they would have had, or one picture")
	require.NotEmpty(t, d.Part(data.Val))
	require.NotEmpty(t, d.Part(data.Test))
}
