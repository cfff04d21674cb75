package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The weights of a text tower are packed, and give the same embeddings.
func TestPackText(t *testing.T) {
	dir := smallTower(t)
	lines := file(t, "lines.txt", []byte("a cat\na dog\n"))
	want := cradio("text", lines, "--text", dir, "--dtype", "bfloat16")
	want.succeeds(t)
	o := cradio("pack", dir, "--text", "--dtype", "bfloat16")
	if o.code != 0 {
		require.Contains(t, o.stderr, "nothing to pack")
		t.Skip(o.stderr)
	}
	require.Contains(t, o.stdout, "packed")
	packs, err := filepath.Glob(filepath.Join(dir, "cradio-bfloat16-*.pack"))
	require.NoError(t, err)
	require.Len(t, packs, 1)
	require.Equal(t, want.stdout, cradio("text", lines, "--text", dir, "--dtype", "bfloat16").stdout)
	cradio("pack", dir, "--text", "--dtype", "bfloat16", "--verify").succeeds(t)

	weights := filepath.Join(dir, "open_clip_model.safetensors")
	data := read(t, weights)
	data[len(data)-1] ^= 1
	require.NoError(t, os.WriteFile(weights, data, 0o644))
	o = cradio("text", lines, "--text", dir, "--dtype", "bfloat16")
	o.succeeds(t)
	require.Contains(t, o.stderr, "not using packed weights")
	require.Contains(t, cradio("pack", t.TempDir(), "--text").stderr, "no text tower")
}

// A text tower by its name on the hub: downloaded once, then found in the cache.
func TestTextOfHub(t *testing.T) {
	folder, requests := serveModel(t)
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.CopyFS(folder, os.DirFS(smallTower(t))))
	lines := file(t, "lines.txt", []byte("a cat\n"))
	o := cradio("text", lines, "--text", "org/nano", "--offline")
	require.NotZero(t, o.code)
	require.Contains(t, o.stderr, "run `cradio pull org/nano --text` once online")
	cradio("pull", "org/nano", "--text").succeeds(t)
	asked := requests.Load()
	o = cradio("text", lines, "--text", "org/nano", "--offline")
	o.succeeds(t)
	require.Equal(t, cradio("text", lines, "--text", folder).stdout, o.stdout)
	require.Equal(t, asked, requests.Load())
}
