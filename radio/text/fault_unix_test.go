//go:build unix

package text

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file that is shortened while it is mapped is an error that names it, wherever it is read: when
// weights are packed, when rows of the table of tokens are, and in a pack.
func TestShortenedFile(t *testing.T) {
	ctx := context.Background()
	b := openBundle(t, "checkpoints/clip")
	dir := copied(t, "open-clip-clip")
	path := filepath.Join(dir, "open_clip_model.safetensors")
	open := func() *Tower {
		tower, err := Open(ctx, dir, Options{IDsAlone: true})
		require.NoError(t, err)
		t.Cleanup(func() { tower.Close() })
		return tower
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, used := range []bool{false, true} {
		require.NoError(t, os.WriteFile(path, data, 0o644))
		tower := open()
		if used {
			encode(t, tower, b.ids[:1])
		}
		require.NoError(t, os.Truncate(path, 0))
		_, err := tower.EncodeIDs(ctx, b.ids)
		require.ErrorContains(t, err, "had "+itoa(len(data))+" bytes when it was opened, has 0 now")
		require.ErrorContains(t, err, path)
		_, err = tower.Identity(ctx)
		require.ErrorContains(t, err, path)
		require.Error(t, tower.Unchanged())
	}
}
