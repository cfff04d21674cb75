package output

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mount creates a file system in memory for the duration of the test.
func mount(t *testing.T, flags uintptr, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Skipf("mounting wants root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

func TestReadOnlyFolder(t *testing.T) {
	dir := mount(t, unix.MS_RDONLY, "")
	for _, extension := range Extensions {
		_, err := Create(filepath.Join(dir, "x"+extension), about, nil)
		require.ErrorIs(t, err, unix.EROFS)
		require.ErrorContains(t, err, "make the folder writable, or choose another")
	}
}

// TestFullDisk: the disk is full when results are added, or when the file is written.
func TestFullDisk(t *testing.T) {
	for _, extension := range Extensions {
		fits := 90 // results that fit once, but not twice
		if extension == ".jsonl" {
			fits = 60
		}
		for name, results := range map[string]int{"results": 200, "file": fits} {
			t.Run(extension+" "+name, func(t *testing.T) {
				dir := mount(t, 0, "size=1m")
				path := filepath.Join(dir, "x"+extension)
				require.NoError(t, os.WriteFile(path, []byte("earlier"), 0o644))
				many := make([]string, results)
				for i := range many {
					many[i] = "a"
				}
				a := About{Model: "m", Features: true}
				w, err := Create(path, a, many)
				require.NoError(t, err)
				r := result("a", 0.1, 32, 32) // 8 KiB of features, all else left out; about 12 KiB as text
				r.Adaptors, r.Intermediates = nil, nil
				random := rand.New(rand.NewPCG(1, 2))
				for range results {
					if extension == ".parquet" { // it compresses
						for i := range r.Features.Float32s() {
							r.Features.Float32s()[i] = math.Float32frombits(random.Uint32() &^ (1 << 30))
						}
					}
					if err = w.Add(r); err != nil {
						break
					}
				}
				if err == nil {
					_, err = w.Commit(context.Background())
				} else {
					require.Equal(t, 200, results, "full already while results came")
				}
				require.ErrorIs(t, err, unix.ENOSPC)
				require.NoError(t, w.Close())
				onlyFiles(t, dir, filepath.Base(path))
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, "earlier", string(text))
			})
		}
	}
}
