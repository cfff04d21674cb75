package hub

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is downloaded of the repositories of published teachers.
func TestChooseText(t *testing.T) {
	for _, c := range []struct {
		name        string
		files, want []string
	}{
		{"apple/DFN5B-CLIP-ViT-H-14-378",
			[]string{"README.md", "config.json", "merges.txt", "open_clip_config.json", "open_clip_pytorch_model.bin", "pytorch_model.bin", "tokenizer.json", "vocab.json"},
			[]string{"open_clip_config.json", "config.json", "tokenizer.json", "open_clip_pytorch_model.bin"}},
		{"timm/ViT-SO400M-14-SigLIP-384",
			[]string{"open_clip_config.json", "open_clip_model.safetensors", "open_clip_pytorch_model.bin", "tokenizer.json"},
			[]string{"open_clip_config.json", "tokenizer.json", "open_clip_model.safetensors"}},
		{"google/siglip-so400m-patch14-384",
			[]string{"config.json", "model.safetensors", "preprocessor_config.json", "spiece.model"},
			[]string{"config.json", "spiece.model", "model.safetensors"}},
		{"google/siglip2-giant-opt-patch16-384",
			[]string{"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json", "tokenizer.model"},
			[]string{"config.json", "tokenizer.model", "model.safetensors.index.json"}},
	} {
		n, err := choose(Repo{Org: "o", Name: "n", Text: true}, c.files)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, n.files, c.name)
	}
	for _, files := range [][]string{nil, {"config.json"}, {"model.safetensors"}} {
		_, err := choose(Repo{Org: "o", Name: "n", Text: true}, files)
		require.ErrorIs(t, err, ErrFile)
		require.ErrorContains(t, err, "the files of a text tower")
	}
}

// A text tower is downloaded, and found in the cache offline.
func TestSnapshotOfText(t *testing.T) {
	m := newMock(t, map[string][]byte{
		"open_clip_config.json": []byte("{}"), "open_clip_model.safetensors": noise(2000), "tokenizer.json": []byte("{}"), "model.safetensors": noise(3000), "README.md": noise(9),
	})
	c := m.client(t)
	repo := theRepo
	repo.Text = true
	want := []string{"open_clip_config.json", "tokenizer.json", "open_clip_model.safetensors"}
	require.Equal(t, want, names(m.pull(t, c, repo)))
	c.Offline = true
	require.Equal(t, want, names(m.pull(t, c, repo)))
	repo.Revision = "none"
	_, err := c.Snapshot(t.Context(), repo)
	require.ErrorIs(t, err, ErrNotCached)
}
