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

// TestWithoutClass: of several labels a picture, one class is enough if some pictures lack it.
func TestWithoutClass(t *testing.T) {
	d := &data.Dataset{Path: "x.csv", Classes: []string{"cat"}, MultiLabel: true, Items: []data.Item{{Path: "a", Part: data.Train, Labels: []int{0}}, {Path: "b", Part: data.Train}}}
	lines, warnings := d.Report()
	require.Equal(t, []string{"train: 2 pictures of 1 class, 1 each, 1 without a class"}, lines)
	require.Empty(t, warnings)
	require.NoError(t, d.Check())
	one := *d
	one.Items = d.Items[:1]
	require.ErrorContains(t, one.Check(), "train has one class only, cat: want at least two")
	none := *d
	none.Items = d.Items[1:]
	require.ErrorContains(t, none.Check(), "x.csv: no picture of train has a class: want at least one that has, and one that has not")
}
