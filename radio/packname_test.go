package radio

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cradio/cpu"
	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// at is a checkpoint that is a folder.
type at string

func (a at) String() string { return string(a) }
func (a at) Dir() string    { return string(a) }

// Files are not needed for a name.
func (a at) Files() []*loader.MappedFile { return nil }

// TestPacksOfSeveralModels: models that differ in a number only keep their packs in one
// folder, each its own, in every precision.
func TestPacksOfSeveralModels(t *testing.T) {
	leveled(t)
	shared := t.TempDir()
	x := different(1, 32, 32)
	dirs := []string{folder(t, "hub"), folder(t, "hub"), folder(t, "hub-sharded")}
	weights := filepath.Join(dirs[1], "model.safetensors")
	alter(t, weights, modified(t, filepath.Join(dirs[0], "model.safetensors")))
	for _, dtype := range []DType{Float32, BFloat16, Int8} {
		for _, dir := range dirs {
			m, _ := openLogged(t, dir, Options{DType: dtype, NoPack: true})
			_, err := m.WritePack(context.Background(), shared, nil)
			require.NoError(t, err)
		}
	}
	found, err := filepath.Glob(filepath.Join(shared, "*.pack"))
	require.NoError(t, err)
	require.Len(t, found, 9)
	for _, dtype := range []DType{Float32, BFloat16, Int8} {
		for _, dir := range dirs {
			own, _ := openLogged(t, dir, Options{DType: dtype, NoPack: true})
			m, log := openLogged(t, dir, Options{DType: dtype, PackDir: shared})
			require.NotNil(t, m.Pack(), log)
			require.NotContains(t, log, "WARN")
			require.NoError(t, m.VerifyPack(context.Background()))
			require.Equal(t, forward(t, own, x, Request{}).Features.Data(), forward(t, m, x, Request{}).Features.Data())
		}
	}

	// Another way to say where a checkpoint is changes nothing; nor does its own folder.
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dirs[0], link))
	m, _ := openLogged(t, link, Options{PackDir: shared})
	require.NotNil(t, m.Pack())
	require.Equal(t, packPath(dirs[0], at(dirs[0]), Float32), packPath(dirs[0], at(link), Float32))
	require.Equal(t, "cradio-float32-"+cpu.Default().Layout()+".pack", filepath.Base(packPath(dirs[0], at(dirs[0]), Float32)))

	// A checkpoint that has changed where it is is told of its pack.
	alter(t, weights, time.Now().Add(time.Hour))
	m, log := openLogged(t, dirs[1], Options{PackDir: shared})
	require.Nil(t, m.Pack())
	require.Contains(t, log, "not using packed weights")
	require.Contains(t, log, packPath(shared, at(dirs[1]), Float32))

	// One that has moved has its pack still, under whatever name; others do not take it.
	moved := filepath.Join(t.TempDir(), "moved")
	require.NoError(t, os.Rename(dirs[2], moved))
	m, _ = openLogged(t, moved, Options{PackDir: shared})
	require.NotNil(t, m.Pack())
	require.NoError(t, os.Rename(m.Pack().Path, filepath.Join(shared, "cradio-float32-"+cpu.Default().Layout()+".pack")))
	m, _ = openLogged(t, moved, Options{PackDir: shared})
	require.NotNil(t, m.Pack(), "a name of before")
	m, log = openLogged(t, folder(t, "hub-bfloat16"), Options{PackDir: shared})
	require.Nil(t, m.Pack())
	require.Contains(t, log, "no packed weights there")
}

// TestPacksOfFilesInOneFolder: two checkpoints that are files of one folder keep their
// packs beside them, which stay theirs in a copy of the folder.
func TestPacksOfFilesInOneFolder(t *testing.T) {
	leveled(t)
	dir := folder(t, "torchhub")
	files, err := filepath.Glob(filepath.Join(dir, "*.pth.tar"))
	require.NoError(t, err)
	require.Greater(t, len(files), 1)
	paths := map[string]bool{}
	for _, f := range files {
		m, _ := openLogged(t, f, Options{NoPack: true})
		p, err := m.WritePack(context.Background(), "", nil)
		require.NoError(t, err)
		paths[p.Path] = true
	}
	require.Len(t, paths, len(files))
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
	for _, f := range files {
		for _, f := range []string{f, filepath.Join(copied, filepath.Base(f))} {
			m, log := openLogged(t, f, Options{})
			require.NotNil(t, m.Pack(), log)
			require.NotContains(t, log, "WARN")
		}
	}
}
