package data_test

import (
	"fmt"
	"path/filepath"
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

// TestContradictionsAreSaid: copies of a picture with other labels, in folders and in a list.
func TestContradictionsAreSaid(t *testing.T) {
	dir := tree(t, map[string]string{
		"cat/1.png": "png:1", "cat/2.png": "png:2", "dog/1.png": "png:1", "dog/3.png": "png:3", "dog/3 too.png": "png:3",
		"x.csv": "path,labels\ncat/1.png,cat;dog\ncat/1.png,dog;cat\ncat/1.png,\ncat/2.png,dog\n",
		"y.csv": "path,label\ncat/1.png,a\ncat/1.png,b\ncat/1.png,c\n",
	})
	for path, want := range map[string]string{
		dir:                         "1 picture has the contents of another with other labels: %[1]s/cat/1.png is cat, %[1]s/dog/1.png is dog; give them the same, or keep one of them",
		filepath.Join(dir, "x.csv"): "1 picture has the contents of another with other labels: %[1]s/cat/1.png is cat, dog, %[1]s/cat/1.png is nothing; give them the same, or keep one of them",
		filepath.Join(dir, "y.csv"): "2 pictures have the contents of another with other labels: %[1]s/cat/1.png is a, %[1]s/cat/1.png is b; give them the same, or keep one of them",
	} {
		d, err := data.Open(path)
		require.NoError(t, err)
		_, warnings := d.Report()
		require.Empty(t, warnings, "nothing is known of contents yet")
		require.NoError(t, d.Read(t.Context(), nil))
		_, warnings = d.Report()
		require.Equal(t, []string{filepath.FromSlash(fmt.Sprintf(want, filepath.ToSlash(dir)))}, warnings)
	}
}
