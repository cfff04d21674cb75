package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLayoutsOfOthers: masks in the folders of common data sets, whose parts train and measure heads.
func TestLayoutsOfOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scenes")
	cradio("eval", "generate", dir, "--kind", "masks", "--classes", "2", "--each", "4", "--pixels", "48").succeeds(t)
	run := filepath.Join(t.TempDir(), "run")
	train := func(args ...string) outcome {
		return cradio(append(trainOnNano("segment", dir, "--out", run, "--epochs", "1", "--batch", "3", "--plan"), args...)...)
	}
	move := func(from, to string) {
		to = filepath.Join(dir, filepath.FromSlash(to))
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o777))
		require.NoError(t, os.Rename(filepath.Join(dir, filepath.FromSlash(from)), to))
	}
	o := cradio(trainOnNano("segment", dir, "--out", run, "--epochs", "1", "--batch", "4")...)
	o.succeeds(t)
	answer := []string{"eval", "head", run, dir, "--model", "synthetic:nano"}
	o = cradio(answer...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "scenes has no part test or val: all 8 images are answered, also those that a head has learned from")

	entries, err := os.ReadDir(filepath.Join(dir, "images"))
	require.NoError(t, err)
	var val []string
	for i, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".png")
		part := map[bool]string{true: "validation", false: "training"}[i < 3]
		if i < 3 {
			val = append(val, name)
		}
		move("images/"+name+".png", "leftImg8bit/"+part+"/"+name+"_leftImg8bit.png")
		move("masks/"+name+".png", "gtFine/"+part+"/"+name+"_gtFine_labelIds.png")
		contents, err := os.ReadFile(filepath.Join(dir, "gtFine", part, name+"_gtFine_labelIds.png"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "gtFine", part, name+"_gtFine_color.png"), contents, 0o666))
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "images")))
	require.NoError(t, os.Remove(filepath.Join(dir, "masks")))
	train().fails(t, exitError, "where names end in different ways, give --image-suffix and --mask-suffix, see cradio train segment --help")
	suffixes := []string{"--image-suffix", "_leftImg8bit.png", "--mask-suffix", "_gtFine_labelIds"}
	o = train(suffixes...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "train: 5 images, val: 3 images; 3 classes")

	lists := filepath.Join(dir, "lists")
	require.NoError(t, os.Mkdir(lists, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(lists, "train.txt"), []byte(strings.Join(val, "\n")), 0o666))
	o = train(append(suffixes, "--part-lists", "lists", "--val", "0.01")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "5 images left out that the lists of lists do not name, such as ")
	require.Contains(t, o.stderr, "train: 3 images, val: 0 images")

	list := filepath.Join(dir, "pairs.csv")
	require.NoError(t, os.WriteFile(list, []byte("image,mask,split\nleftImg8bit/training/circle-0003_leftImg8bit.png,gtFine/training/circle-0003_gtFine_color.png,train\nleftImg8bit/validation/circle-0000_leftImg8bit.png,gtFine/validation/circle-0000_gtFine_color.png,val\n"), 0o666))
	o = cradio(trainOnNano("segment", list, "--out", run, "--batch", "1", "--plan")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "train: 1 image, val: 1 image; 2 classes")
	cradio(trainOnNano("segment", list, "--out", run, "--masks", "x")...).fails(t, exitError, "is a list, which names its files: --images and the like are for folders")

	answer = append(answer, "--image-suffix", "_leftImg8bit", "--target-suffix", "_gtFine_labelIds")
	v := parsed[masksReport](t, cradio(append(answer, "--json")...))
	require.Equal(t, 3, v.Images)
	v = parsed[masksReport](t, cradio(append(answer, "--json", "--part", "train")...))
	require.Equal(t, 5, v.Images)
}
