package hub

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCached(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := m.pull(t, c, theRepo)
	m.commits[commitB] = without(model(), "model.safetensors")
	m.refs["v2"] = commitB
	sharded := theRepo
	sharded.Revision = "v2"
	s2 := m.pull(t, c, sharded)
	require.NoError(t, os.WriteFile(filepath.Join(s.Dir, "cradio-bfloat16-avx512-v1.pack"), noise(100), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(s.Dir, "cradio-bfloat16-avx512-v1.pack.seen"), noise(1), 0o666))

	all, err := c.Cached(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
	got := map[string]CachedModel{all[0].Commit: all[0], all[1].Commit: all[1]}
	a, b := got[commitA], got[commitB]
	require.Equal(t, "org/name", a.Name)
	require.Equal(t, []string{"main"}, a.Revisions)
	require.Equal(t, []string{"v2"}, b.Revisions)
	require.Equal(t, s.Dir, a.Dir)
	require.ElementsMatch(t, names(s), a.Files)
	require.ElementsMatch(t, names(s2), b.Files)
	require.True(t, a.Loadable())
	require.Equal(t, []string{"cradio-bfloat16-avx512-v1.pack"}, a.Packs)
	want := int64(101)
	for _, f := range s.Files {
		want += f.Size
	}
	require.Equal(t, want, a.Size)
	require.False(t, a.Modified.IsZero())

	require.NoError(t, os.Remove(filepath.Join(s2.Dir, "model-00002-of-00002.safetensors")))
	all, err = c.Cached(t.Context())
	require.NoError(t, err)
	for _, m := range all {
		require.Equal(t, m.Commit == commitA, m.Loadable())
		if !m.Loadable() {
			require.Contains(t, m.Why, `"model-00002-of-00002.safetensors" missing`)
		}
	}
}

// TestCachedOfOthers: what Python or nobody in particular leaves in a cache.
func TestCachedOfOthers(t *testing.T) {
	c := &Client{Cache: filepath.Join(t.TempDir(), "none")}
	all, err := c.Cached(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)

	put := func(path, text string) {
		path = filepath.Join(c.Cache, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	put("version.txt", "1")
	put(".locks/models--a--b/x.lock", "")
	put("blobs/ab/abab", "shared")
	put("datasets--a--b/snapshots/"+commitA+"/x", "")
	put("models--a--unfinished/blobs/"+sha(nil)+".incomplete", "1234")
	put("models--a--unfinished/refs/main", commitA)
	put("models--b--config-only/snapshots/"+commitA+"/config.json", "{}")
	put("models--b--config-only/refs/main/x", "not a commit")
	put("models--c--no-config/snapshots/"+commitA+"/model.safetensors", "")
	put("models--d--two/snapshots/"+commitA+"/a.pth", "")
	put("models--d--two/snapshots/"+commitA+"/b.bin", "")
	put("models--e--torch/snapshots/"+commitA+"/a.pth.tar", "12345")
	put("models--f--index/snapshots/"+commitA+"/model.safetensors.index.json", "{")
	put("models--f--index/snapshots/"+commitA+"/config.json", "{}")
	put("models--g--file", "a file instead of a folder")
	put("models--h--file/snapshots", "a file instead of a folder")
	put("models--gpt2/snapshots/"+commitA+"/model.safetensors", "")
	put("models--gpt2/snapshots/"+commitA+"/config.json", "{}")
	put("models--gpt2/snapshots/a-file", "")
	require.NoError(t, os.MkdirAll(filepath.Join(c.Cache, "models--i--empty", "snapshots", commitA), 0o777))

	all, err = c.Cached(t.Context())
	require.NoError(t, err)
	why := map[string]string{}
	for _, m := range all {
		why[m.Name] = m.Why
	}
	for name, want := range map[string]string{
		"a/unfinished": "unfinished", "b/config-only": "no checkpoint", "c/no-config": `"config.json" missing`, "d/two": `"b.bin"; give one of them`,
		"e/torch": "", "f/index": "not an index of shards", "g/file": "no snapshot", "h/file": "no snapshot", "gpt2": "", "i/empty": "no checkpoint",
	} {
		got, listed := why[name]
		require.True(t, listed, name)
		require.Contains(t, got, want, name)
		require.Equal(t, want == "", got == "", "%s: %s", name, got)
	}
	require.Len(t, why, 10)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Cached(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = (&Client{Cache: filepath.Join(c.Cache, "version.txt")}).Cached(t.Context())
	words(t, err)
}

// TestSharedBlobs: Python's newer caches hold blobs that are links themselves.
func TestSharedBlobs(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := m.pull(t, c, theRepo)
	blob := c.store(theRepo).blob(sha(m.weights()))
	shared := filepath.Join(c.Cache, "blobs", "ab", "abab")
	require.NoError(t, os.MkdirAll(filepath.Dir(shared), 0o777))
	require.NoError(t, os.Rename(blob, shared))
	if err := os.Symlink(filepath.Join("..", "..", "blobs", "ab", "abab"), blob); err != nil {
		t.Skip(err)
	}
	c.Offline = true
	m.pull(t, c, theRepo)
	c.Offline = false
	require.NoError(t, os.Remove(filepath.Join(s.Dir, "model.safetensors")))
	require.False(t, m.pull(t, c, theRepo).Files[2].Downloaded)
	all, err := c.Cached(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Greater(t, all[0].Size, int64(200_000))
}
