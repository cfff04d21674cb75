package loader

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOpenPath: the contents tell what a file is, not its name.
func TestOpenPath(t *testing.T) {
	contents := func(path string) []byte {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		return b
	}
	hub := contents(checkpoints + "hub/model.safetensors")
	for _, name := range []string{"weights.bin", "model.pth", "a b"} {
		path := save(t, name, hub)
		c, err := OpenPath(path)
		require.NoError(t, err)
		require.Len(t, c.Names(), 82)
		require.Equal(t, path, c.String())
		require.Equal(t, filepath.Dir(path), c.Dir())
		require.Len(t, c.Files(), 1)
		_, _, ok := c.Torch()
		require.False(t, ok)
		require.NoError(t, c.Close())
	}
	for path, tensors := range map[string]int{
		checkpoints + "hub":                                          82,
		checkpoints + "hub-sharded":                                  82,
		checkpoints + "hub-sharded/" + indexName:                     82,
		save(t, "model.safetensors", contents(torchFiles+"one.pth")): 1,
		torchFiles + "legacy.pth":                                    31,
	} {
		c, err := OpenPath(path)
		require.NoError(t, err, path)
		require.Len(t, c.Names(), tensors, path)
		require.Equal(t, path, c.String())
		for _, f := range c.Files() {
			id, err := f.Identity()
			require.NoError(t, err)
			require.Len(t, id.Header, 64)
			require.NoError(t, f.Unchanged())
		}
		require.NoError(t, c.Close())
	}
	for name, test := range map[string]struct{ contents, want string }{
		"page":  {"<html>", "found a web page (HTML)"},
		"json":  {"{}", "weight_map"},
		"other": {"\x12\x34\x56\x78\x9a\xbc\xde\xf0\x12", "this is not a safetensors file"},
		"npy":   {"\x93NUMPY\x01\x00", "a NumPy array"},
	} {
		path := save(t, name, []byte(test.contents))
		_, err := OpenPath(path)
		requireError(t, err, path, test.want)
	}
	_, err := OpenPath("testdata/absent")
	requireError(t, err, "testdata/absent", "no such file")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTorchFolders(t *testing.T) {
	copyTo := func(dir, name, from string) {
		b, err := os.ReadFile(torchFiles + from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	dir := t.TempDir()
	copyTo(dir, "anything.pth.tar", "run.pth.tar")
	c, err := OpenFolder(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a.weight", "b.deep.bias", "b.weight"}, c.Names())
	require.Equal(t, dir, c.Dir())
	require.NoError(t, c.Close())

	copyTo(dir, "pytorch_model.bin", "one.pth")
	copyTo(dir, "training_args.bin", "list.pth")
	c, err = OpenFolder(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"w"}, c.Names(), "pytorch_model.bin is meant, whatever lies beside it")
	require.NoError(t, c.Close())

	shards := t.TempDir()
	copyTo(shards, "pytorch_model-00001-of-00002.bin", "one.pth")
	copyTo(shards, "pytorch_model-00002-of-00002.bin", "protocol4.pth")
	require.NoError(t, os.WriteFile(filepath.Join(shards, "pytorch_model.bin.index.json"), []byte(
		`{"weight_map":{"w":"pytorch_model-00001-of-00002.bin","f32":"pytorch_model-00002-of-00002.bin"}}`), 0o600))
	c, err = OpenFolder(shards)
	require.NoError(t, err)
	require.Equal(t, []string{"f32", "w"}, c.Names())
	require.Len(t, c.Files(), 2)
	require.NoError(t, c.Close())
}
