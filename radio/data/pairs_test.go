package data_test

import (
	"os"
	"path/filepath"
	"strings"
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

// TestPairsBehindLinks: data sets often lie elsewhere, behind links to their folders.
func TestPairsBehindLinks(t *testing.T) {
	dir := tree(t, map[string]string{"real/images/1.jpg": "", "real/masks/1.png": ""})
	for _, name := range []string{"images", "masks"} {
		if err := os.Symlink(filepath.Join("real", name), filepath.Join(dir, name)); err != nil {
			t.Skip("no links here: ", err)
		}
	}
	pairs, alone, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	require.NoError(t, err)
	require.Empty(t, alone)
	require.Equal(t, []data.Pair{{filepath.Join(dir, "images", "1.jpg"), filepath.Join(dir, "masks", "1.png")}}, pairs)
}

// TestPairsByEnding: names that agree but for what all of them end in are pairs, those that agree by chance
// are not.
func TestPairsByEnding(t *testing.T) {
	for files, want := range map[[2]string]string{
		{"1.jpg a/2.jpg", "1_mask.png a/2_mask.png"}:         "1.jpg 1_mask.png; a/2.jpg a/2_mask.png",
		{"1_sat.jpg 2_sat.jpg", "1_mask.png 2_mask.png"}:     "1_sat.jpg 1_mask.png; 2_sat.jpg 2_mask.png",
		{"1_m.jpg 1_m_m.jpg 3_m.jpg", "1.png 1_m.png x.png"}: "1_m.jpg 1_m.png",
		{"1_m_m.jpg 1_m.jpg", "1.png 2.png"}:                 "1_m.jpg 1.png",
		{"1_mask.jpg 2_mask.jpg", "1-L.png 2-L.png 3-L.png"}: "1_mask.jpg 1-L.png; 2_mask.jpg 2-L.png",
		{"10.jpg 20.jpg", "1.png 2.png"}:                     "",
		{"1_mask.jpg", "1.png"}:                              "",
	} {
		content := map[string]string{}
		for i, dir := range []string{"images/", "masks/"} {
			for name := range strings.FieldsSeq(files[i]) {
				content[dir+name] = ""
			}
		}
		dir := tree(t, content)
		images, masks := filepath.Join(dir, "images"), filepath.Join(dir, "masks")
		pairs, _, err := data.Pairs(images, masks)
		if want == "" {
			require.ErrorContains(t, err, "has a picture of the same name in", files)
			continue
		}
		require.NoError(t, err)
		var got []string
		for _, p := range pairs {
			picture, err := filepath.Rel(images, p.Picture)
			require.NoError(t, err)
			mask, err := filepath.Rel(masks, p.Target)
			require.NoError(t, err)
			got = append(got, filepath.ToSlash(picture)+" "+filepath.ToSlash(mask))
		}
		require.Equal(t, want, strings.Join(got, "; "), files)
	}
}

// TestPairsOfNothing: a folder that is not there is named, with what should be in it.
func TestPairsOfNothing(t *testing.T) {
	dir := tree(t, map[string]string{"images/a.png": "png:x"})
	images, masks := filepath.Join(dir, "images"), filepath.Join(dir, "masks")
	_, _, err := data.Pairs(images, masks)
	require.ErrorContains(t, err, masks+": want a folder of PNG files with the names of the pictures; there is none: ")
	require.ErrorIs(t, err, os.ErrNotExist)
	dir = tree(t, map[string]string{"images/a.png": "png:x", "masks/a.jpg": ""})
	_, _, err = data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	require.ErrorContains(t, err, "masks: has no PNG files: want one for each picture; other formats may change values, as JPEG does")
	_, _, err = data.Pairs(masks, images)
	require.ErrorContains(t, err, masks+": want a folder of pictures; there is none: ")
}
