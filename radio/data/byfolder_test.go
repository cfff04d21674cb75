package data_test

import (
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestByFolder(t *testing.T) {
	d, err := data.ByFolder("x.npz", []string{"a/train/dog/1.png", "a/test/cat/2.png", "/b/valid/dog/3.png"})
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, d.Classes)
	require.Equal(t, []int{1}, d.Items[0].Labels)
	require.Equal(t, []data.Part{data.Train, data.Test, data.Val}, []data.Part{d.Items[0].Part, d.Items[1].Part, d.Items[2].Part})
	d, err = data.ByFolder("x.npz", []string{"train/dog/1.png", "cat/2.png"})
	require.NoError(t, err)
	require.False(t, d.HasParts(), "only one of them is in a folder train")
	_, err = data.ByFolder("x.npz", []string{"1.png"})
	require.ErrorContains(t, err, "x.npz: 1.png is in no folder that could be its label")
}
