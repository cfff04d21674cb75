package data_test

import (
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestPairs(t *testing.T) {
	dir := tree(t, map[string]string{"images/a/1.jpg": "", "images/2.png": "", "masks/a/1.png": "", "masks/3.png": "", "masks/notes.txt": "", "images/.x.png": ""})
	pairs, alone, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	require.NoError(t, err)
	require.Equal(t, []data.Pair{{filepath.Join(dir, "images", "a", "1.jpg"), filepath.Join(dir, "masks", "a", "1.png")}}, pairs)
	require.Equal(t, []string{filepath.Join(dir, "images", "2.png"), filepath.Join(dir, "masks", "3.png")}, alone)
	dir = tree(t, map[string]string{"images/1.jpg": "", "images/1.png": "", "masks/1.png": "", "other/2.png": ""})
	_, _, err = data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	require.ErrorContains(t, err, "have one name but for the extension; keep one of them")
	_, _, err = data.Pairs(filepath.Join(dir, "masks"), filepath.Join(dir, "other"))
	require.ErrorContains(t, err, "has a picture of the same name in")
	_, _, err = data.Pairs(filepath.Join(dir, "none"), filepath.Join(dir, "masks"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestPairsOfNothing: a folder that is not there is named, with what should be in it.
func TestPairsOfNothing(t *testing.T) {
	dir := tree(t, map[string]string{"images/a.png": "png:x"})
	images, masks := filepath.Join(dir, "images"), filepath.Join(dir, "masks")
	_, _, err := data.Pairs(images, masks)
	require.ErrorContains(t, err, masks+": want a folder of PNG files with the names of the pictures; there is none: ")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = data.Pairs(masks, images)
	require.ErrorContains(t, err, masks+": want a folder of pictures; there is none: ")
}
