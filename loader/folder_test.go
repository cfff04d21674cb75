package loader

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenFolder(t *testing.T) {
	for folder, want := range map[string]struct {
		tensors int
		some    string
	}{
		"hub":          {82, "radio_model.model.patch_generator.pos_embed"},
		"hub-bfloat16": {82, "radio_model.model.patch_generator.pos_embed"},
		"hub-float16":  {82, "radio_model.model.patch_generator.pos_embed"},
		"hub-sharded":  {82, "radio_model.model.patch_generator.pos_embed"},
		"vlm-prefix":   {82, "vision_model.radio_model.model.patch_generator.pos_embed"},
	} {
		c, err := OpenFolder(checkpoints + folder)
		require.NoError(t, err)
		require.Len(t, c.Names(), want.tensors)
		require.Equal(t, checkpoints+folder, c.String())
		values, err := c.Float32(want.some, 1, 64, 64)
		require.NoError(t, err)
		require.InDelta(t, 0, values[0], 0.5)
		index, err := c.Int64(c.Names()[81], 3)
		require.NoError(t, err, "summary_idxs is the last name")
		require.Equal(t, []int64{0, 1, 2}, index)
		require.NoError(t, c.Close())
	}
}

func TestFoldersWithoutACheckpoint(t *testing.T) {
	for name, test := range map[string]struct {
		files []string
		want  []string
	}{
		"empty":             {nil, []string{"an empty folder", "model.safetensors"}},
		"only a config":     {[]string{"config.json"}, []string{`found "config.json"`}},
		"another file name": {[]string{"config.json", "weights.safetensors"}, []string{`if "weights.safetensors" holds the weights, rename it`}},
		"shards, no index":  {[]string{"model-00001-of-00002.safetensors"}, []string{"download model.safetensors.index.json too"}},
		"nothing in it":     {[]string{"config.json", "pytorch_model.bin"}, []string{"pytorch_model.bin", "found an empty file", "fetch it again"}},
		"several":           {[]string{"a.pth", "b.pt", "c.pth.tar"}, []string{`3 PyTorch files: "a.pth", "b.pt", "c.pth.tar"`, "give the path"}},
		"a Mac's notes":     {[]string{"._a.pth"}, []string{`found "._a.pth"`}},
		"many files": {[]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B"},
			[]string{`"9", and 2 more`}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "model.safetensors"), 0o700), "a folder of that name is no checkpoint")
			for _, file := range test.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), nil, 0o600))
			}
			_, err := OpenFolder(dir)
			requireError(t, err, append(test.want, dir)...)
		})
	}
}

func TestOpenFolderRefusesOtherThings(t *testing.T) {
	_, err := OpenFolder(checkpoints + "hub/model.safetensors")
	requireError(t, err, "want a folder, found a file", "give the folder that contains it")
	_, err = OpenFolder("testdata/absent")
	requireError(t, err, "testdata/absent", "no such file")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestOpenFolderWithABadFile(t *testing.T) {
	path := save(t, "model.safetensors", rawFile(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "cut"))
	_, err := OpenFolder(filepath.Dir(path))
	requireError(t, err, path, `tensor "w"`, "3 bytes of data")
}

// TestPreference: a folder with several formats is read as the best of them.
func TestPreference(t *testing.T) {
	dir := shardFolder(t, `{"weight_map":{"sharded":"a.safetensors"}}`,
		map[string][]string{"a.safetensors": {"sharded"}, "model.safetensors": {"single"}})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pytorch_model.bin"), nil, 0o600))
	c, err := OpenFolder(dir)
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, []string{"single"}, c.Names())
}
