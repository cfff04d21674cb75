package data_test

import (
	"fmt"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestImbalanceIsSaid(t *testing.T) {
	files := map[string]string{"rare/1.png": "png:x"}
	for i := range 20 {
		files[fmt.Sprintf("common/%d.png", i)] = fmt.Sprintf("png:%d", i)
	}
	d, err := data.Open(tree(t, files))
	require.NoError(t, err)
	_, warnings := d.Report()
	require.Equal(t, []string{"all is imbalanced: 20 (common), 1 (rare); accuracy follows the large classes, see the mean of recalls"}, warnings)
	require.ErrorContains(t, d.Check(), "the part train has no pictures")
	for i := range d.Items {
		d.Items[i].Part = data.Train
	}
	d.Items = d.Items[:20]
	require.ErrorContains(t, d.Check(), "train has one class only, common: want at least two")
}
