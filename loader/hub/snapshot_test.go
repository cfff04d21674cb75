package hub

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

var whole = []string{"config.json", "preprocessor_config.json", "model.safetensors"}

// TestSnapshot: only what is needed, in the layout that Python reads.
func TestSnapshot(t *testing.T) {
	needsLinks(t)
	m := newMock(t, model())
	c := m.client(t)
	c.Token = secret
	s := m.pull(t, c, theRepo)
	require.Equal(t, whole, names(s))
	require.Equal(t, commitA, s.Revision)
	root := filepath.Join(c.Cache, "models--org--name")
	require.Equal(t, filepath.Join(root, "snapshots", commitA), s.Dir)

	for _, f := range s.Files {
		data := m.commits[commitA][f.Name]
		target, err := os.Readlink(filepath.Join(s.Dir, f.Name))
		require.NoError(t, err)
		require.Equal(t, filepath.Join("..", "..", "blobs", m.etag(f.Name, data)), target)
		require.True(t, f.Downloaded)
		require.FileExists(t, filepath.Join(c.Cache, ".locks", "models--org--name", m.etag(f.Name, data)+".lock"))
	}
	blobs, err := os.ReadDir(filepath.Join(root, "blobs"))
	require.NoError(t, err)
	require.Len(t, blobs, len(s.Files))
	ref, err := os.ReadFile(filepath.Join(root, "refs", "main"))
	require.NoError(t, err)
	require.Equal(t, commitA, string(ref))
	require.NotEmpty(t, m.tokens)
	for _, token := range m.tokens {
		require.Empty(t, token, "the store was sent the token")
	}
	m.seen()
	again := m.pull(t, c, theRepo)
	require.Equal(t, []string{"GET /api/models/org/name/revision/main"}, m.seen())
	require.False(t, again.Files[2].Downloaded)

	c.Offline = true
	require.Equal(t, again, m.pull(t, c, theRepo))
	c.Offline = false
	pinned := theRepo
	pinned.Revision = commitA
	require.Equal(t, again, m.pull(t, c, pinned))
	require.Empty(t, m.seen())
}

// TestSnapshotOfMirror: the same files where the hub lists none.
func TestSnapshotOfMirror(t *testing.T) {
	for name, files := range map[string]map[string][]byte{"whole": model(), "shards": without(model(), "model.safetensors", "preprocessor_config.json")} {
		m := newMock(t, files)
		m.noListing = true
		s := m.pull(t, m.client(t), theRepo)
		if name == "whole" {
			require.Equal(t, whole, names(s))
		} else {
			require.Equal(t, []string{"config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}, names(s))
		}
	}
	m := newMock(t, map[string][]byte{"radio.pth.tar": noise(300)})
	m.noListing = true
	named := theRepo
	named.File = "radio.pth.tar"
	require.Equal(t, []string{"radio.pth.tar"}, names(m.pull(t, m.client(t), named)))
	_, err := m.client(t).Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrFile)
	require.ErrorContains(t, err, "org/name/FILE")
	m.commits[commitA]["pytorch_model.bin"] = noise(400)
	require.Equal(t, []string{"pytorch_model.bin"}, names(m.pull(t, m.client(t), theRepo)))
}

func without(files map[string][]byte, names ...string) map[string][]byte {
	for _, name := range names {
		delete(files, name)
	}
	return files
}

func TestWhichFiles(t *testing.T) {
	torch := Repo{Org: "org", Name: "name", File: "old/b.pth.tar"}
	for _, c := range []struct {
		files string
		repo  Repo
		want  string
		err   error
	}{
		{"config.json model.safetensors model.safetensors.index.json a.pth.tar", theRepo, "config.json model.safetensors", nil},
		{"config.json a.pth.tar training_args.bin optimizer.pt rng_state_0.pth old/b.pth.tar", theRepo, "config.json a.pth.tar", nil},
		{"a.pth.tar config.json old/b.pth.tar old/config.json", torch, "config.json old/config.json old/b.pth.tar", nil},
		{"a.pth.tar b.pth.tar config.json", theRepo, "", ErrSeveral},
		{"a.pth.tar", torch, "", ErrFile},
		{"config.json tf_model.h5 old/b.pth.tar", theRepo, "", ErrFile},
		{"", theRepo, "", ErrFile},
		{"../../evil.pth ..\\evil.pth config.json", theRepo, "", ErrFile},
	} {
		n, err := choose(c.repo, strings.Fields(c.files))
		require.ErrorIs(t, err, c.err, c.files)
		if c.err == nil {
			require.Equal(t, strings.Fields(c.want), n.files)
			continue
		}
		words(t, err)
	}
	_, err := choose(theRepo, strings.Fields("a.pth.tar b.pth.tar"))
	require.Contains(t, err.Error(), "org/name/a.pth.tar")
	require.Contains(t, err.Error(), `"b.pth.tar"`)
}

// words: an error that says where, and what to do, in one line.
func words(t *testing.T, err error) {
	t.Helper()
	var e *loader.Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.File)
	require.NotEmpty(t, e.Do)
	require.NotContains(t, err.Error(), "\n")
	require.NotContains(t, err.Error(), secret)
}

// TestShards: an index and what it names, not the stale ones.
func TestShards(t *testing.T) {
	files := without(model(), "model.safetensors")
	files["model-00001-of-00009.safetensors"] = noise(7)
	m := newMock(t, files)
	c := m.client(t)
	s := m.pull(t, c, theRepo)
	require.Len(t, s.Files, 5)
	require.NoFileExists(t, filepath.Join(s.Dir, "model-00001-of-00009.safetensors"))
	require.FileExists(t, filepath.Join(c.Cache, "models--org--name", ".no_exist", commitA, "model.safetensors"))

	delete(files, "model-00002-of-00002.safetensors")
	_, err := m.client(t).Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrFile)
	require.Contains(t, err.Error(), "model-00002-of-00002.safetensors")

	files["model.safetensors.index.json"] = []byte(`{"weight_map": {"a": "../../../evil.safetensors"}}`)
	_, err = m.client(t).Snapshot(t.Context(), theRepo)
	require.ErrorContains(t, err, "evil")
	words(t, err)
}

// TestNewCommit: a branch that moved on; unchanged files are not downloaded again, and the old commit stays.
func TestNewCommit(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	old := m.pull(t, c, theRepo)
	m.commits[commitB] = model()
	m.commits[commitB]["config.json"] = []byte(`{"model_type": "radio", "changed": true}`)
	m.refs["main"] = commitB
	m.seen()
	s := m.pull(t, c, theRepo)
	require.Equal(t, commitB, s.Revision)
	require.NotContains(t, m.seen(), "GET /blobs/"+sha(m.commits[commitB]["model.safetensors"]))
	require.Equal(t, []bool{true, false, false}, []bool{s.Files[0].Downloaded, s.Files[1].Downloaded, s.Files[2].Downloaded})
	m.check(t, old)

	c.Offline = true
	require.Equal(t, commitB, m.pull(t, c, theRepo).Revision)
}

func TestRevisions(t *testing.T) {
	m := newMock(t, model())
	m.commits[commitB] = model()
	m.refs["refs/pr/1"], m.refs["v1.0"] = commitB, commitB
	c := m.client(t)
	for _, revision := range []string{"refs/pr/1", "v1.0", commitB} {
		r := theRepo
		r.Revision = revision
		require.Equal(t, commitB, m.pull(t, c, r).Revision)
	}
	require.FileExists(t, filepath.Join(c.Cache, "models--org--name", "refs", "refs", "pr", "1"))
	require.NoFileExists(t, filepath.Join(c.Cache, "models--org--name", "refs", commitB))

	r := theRepo
	r.Revision = "v9"
	_, err := c.Snapshot(t.Context(), r)
	require.ErrorIs(t, err, ErrRevision)
	require.ErrorContains(t, err, `"v9"`)
	words(t, err)
	c.Offline = true
	_, err = c.Snapshot(t.Context(), r)
	require.ErrorIs(t, err, ErrNotCached)
	require.ErrorContains(t, err, "cradio pull org/name@v9")
	require.ErrorContains(t, err, commitB)
}

// TestUnreachable: the cached model with a warning, or an error.
func TestUnreachable(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := m.pull(t, c, theRepo)

	m.hub.Close()
	got, err := c.Snapshot(t.Context(), theRepo)
	require.NoError(t, err)
	require.Equal(t, s.Dir, got.Dir)
	c.Cache = t.TempDir()
	_, err = c.Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrUnreachable)
	words(t, err)
	entries, err := os.ReadDir(c.Cache)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// TestCopies: a cache without links, as Python writes it where they are impossible.
func TestCopies(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	c.CopyFiles = true
	s := m.pull(t, c, theRepo)
	for _, f := range s.Files {
		info, err := os.Lstat(filepath.Join(s.Dir, f.Name))
		require.NoError(t, err)
		require.True(t, info.Mode().IsRegular())
	}
	blobs, err := os.ReadDir(filepath.Join(c.Cache, "models--org--name", "blobs"))
	require.NoError(t, err)
	require.Empty(t, blobs)
	require.False(t, m.pull(t, c, theRepo).Files[2].Downloaded)
}

// TestForce downloads what is there already.
func TestForce(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := m.pull(t, c, theRepo)
	path := filepath.Join(s.Dir, "model.safetensors")
	require.NoError(t, os.WriteFile(path, make([]byte, 200_000), 0o666)) // into the blob
	c.Force = true
	require.True(t, m.pull(t, c, theRepo).Files[2].Downloaded)
}

// TestLostBlob: a link to nothing, and a blob of another length, are made good online and named offline.
func TestLostBlob(t *testing.T) {
	needsLinks(t)
	for _, lose := range []func(string) error{os.Remove, func(p string) error { return errors.Join(os.Remove(p), os.MkdirAll(p, 0o777)) }} {
		m := newMock(t, model())
		c := m.client(t)
		s := m.pull(t, c, theRepo)
		blob, err := filepath.EvalSymlinks(filepath.Join(s.Dir, "model.safetensors"))
		require.NoError(t, err)
		require.NoError(t, lose(blob))
		c.Offline = true
		_, err = c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrNotCached)
		require.ErrorContains(t, err, "model.safetensors")
		c.Offline = false
		if info, err := os.Stat(blob); err == nil && info.IsDir() {
			_, err := c.Snapshot(t.Context(), theRepo)
			require.ErrorIs(t, err, ErrCache)
			continue
		}
		m.pull(t, c, theRepo)
	}
}

// TestReadOnlyCache: good enough for what is in it.
func TestReadOnlyCache(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	m := newMock(t, model())
	c := m.client(t)
	m.pull(t, c, theRepo)
	require.NoError(t, filepath.WalkDir(c.Cache, func(p string, e os.DirEntry, _ error) error {
		if e.IsDir() {
			t.Cleanup(func() { os.Chmod(p, 0o755) })
			return os.Chmod(p, 0o555)
		}
		return nil
	}))
	m.pull(t, c, theRepo)
	c.Force = true
	_, err := c.Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrCache)
	require.ErrorContains(t, err, "read-only")
}

// TestCacheIsAFile: an error in words.
func TestCacheIsAFile(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	c.Cache = filepath.Join(c.Cache, "file")
	require.NoError(t, os.WriteFile(c.Cache, nil, 0o666))
	_, err := c.Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrCache)
	words(t, err)
}

func TestResolve(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	dir, err := c.Resolve(t.Context(), "org/name")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, "model.safetensors"))
	file, err := c.Resolve(t.Context(), "hf://org/name/radio.pth.tar@main")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "radio.pth.tar"), file)
	require.FileExists(t, file)
	file, err = c.Resolve(t.Context(), m.hub.URL+"/org/name/blob/main/radio.pth.tar")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "radio.pth.tar"), file)
	_, err = c.Resolve(t.Context(), "./org/name")
	require.ErrorIs(t, err, ErrName)
	words(t, err)
	_, err = c.Snapshot(t.Context(), Repo{Org: "..", Name: ".."})
	require.ErrorIs(t, err, ErrName)
	require.True(t, slices.Contains(m.seen(), "HEAD /org/name/resolve/"+commitA+"/radio.pth.tar"))
}

// TestUnfinishedBesideStale: Python's note of a commit tells that the files in its folder are not all.
func TestUnfinishedBesideStale(t *testing.T) {
	m := newMock(t, without(model(), "model.safetensors"))
	c := m.client(t)
	m.pull(t, c, theRepo)
	trees := filepath.Join(c.Cache, "models--org--name", "trees")
	require.NoError(t, os.Mkdir(trees, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(trees, commitA+".json"), []byte(`{"format_version": 1, "files": {"config.json": {"size": 1, "blob_id": "x"}, "model.safetensors": {}}}`), 0o666))
	c.Offline = true
	_, err := c.Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrNotCached)
	require.ErrorContains(t, err, `"model.safetensors" missing`)
}

// needsLinks skips a test of links where they are impossible.
func needsLinks(t *testing.T) {
	t.Helper()
	if err := os.Symlink("nothing", filepath.Join(t.TempDir(), "link")); err != nil {
		t.Skip(err)
	}
}
