package data_test

import (
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestFolder(t *testing.T) {
	dir := tree(t, map[string]string{
		"dog/1.png": "png:1", "cat/inside/2.PNG": "png:2", "cat/notes.txt": "", "cat/.hidden.png": "", ".git/x/3.png": "", "README.md": "",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, d.Classes)
	require.Len(t, d.Items, 2)
	require.Equal(t, []int{0}, d.Items[0].Labels)
	require.Equal(t, filepath.Join(dir, "cat", "inside", "2.PNG"), d.Items[0].Path)
	require.Equal(t, 1, d.LeftOut)
	require.False(t, d.HasParts())
}

func TestFolderOfParts(t *testing.T) {
	dir := tree(t, map[string]string{
		"train/10/1.png": "png:1", "train/9/1.png": "png:2", "valid/9/1.png": "png:3", "Test/9/1.png": "png:4", "other/x/1.png": "png:5",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"9", "10"}, d.Classes, "numbers are sorted by value")
	require.Len(t, d.Part(data.Train), 2)
	require.Len(t, d.Part(data.Val), 1)
	require.Len(t, d.Part(data.Test), 1)
	require.Equal(t, []int{1, 1}, d.Counts(data.Train))
	require.NoError(t, d.Check())
}

func TestFolderErrors(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"has no pictures: a class needs at least one; remove the folder, or add pictures": {"cat/1.png": "png:1", "dog/readme.txt": ""},
		"has no folders: want one for each class, with its pictures inside":               {"1.png": "png:1"},
		"has the folders val and valid, which both mean the part val; keep one":           {"train/a/1.png": "png:1", "val/a/1.png": "png:2", "valid/a/1.png": "png:3"},
	} {
		_, err := data.Open(tree(t, files))
		require.ErrorContains(t, err, want)
	}
	_, err := data.Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = data.Open(filepath.Join(tree(t, map[string]string{"a.doc": ""}), "a.doc"))
	require.ErrorContains(t, err, "is no set: want a folder with a folder for each class, or a list (.csv, .tsv, .jsonl or .txt)")
}
