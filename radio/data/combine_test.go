package data_test

import (
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestCombine(t *testing.T) {
	base, err := data.Open(tree(t, map[string]string{"dog/1.png": "png:1", "cat/1.png": "png:2"}))
	require.NoError(t, err)
	more, err := data.Open(tree(t, map[string]string{"cow/1.png": "png:3", "dog/2.png": "png:4", "dog/x.txt": ""}))
	require.NoError(t, err)
	d, err := data.Combine(base, map[data.Part]*data.Dataset{data.Test: more})
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "cow", "dog"}, d.Classes)
	require.Equal(t, []int{0, 1, 1}, d.Counts(data.Test))
	require.Equal(t, []int{1, 0, 1}, d.Counts(""))
	require.Equal(t, 1, d.LeftOut)
	_, err = data.Combine(d, map[data.Part]*data.Dataset{data.Test: more})
	require.ErrorContains(t, err, "has a part test already; leave out")
	_, err = data.Combine(base, map[data.Part]*data.Dataset{data.Val: d})
	require.ErrorContains(t, err, "is split into train, val or test; for the part val give the folder of one part")
}
