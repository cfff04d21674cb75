package conformance

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const compressedBundle = "nano/base-16x16" + compressedSuffix

// suiteOf returns a new folder with the project's manifest and one bundle of these bytes.
func suiteOf(t *testing.T, contents []byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	manifest, err := os.ReadFile(manifestName)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, manifestName), manifest, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "nano"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(compressedBundle)), contents, 0o600))
	return dir
}

// A plain copy beside a compressed bundle is the same bundle: it counts once, and passes.
func TestPlainBesideCompressed(t *testing.T) {
	compressed, err := os.ReadFile(filepath.FromSlash(compressedBundle))
	require.NoError(t, err)
	dir := suiteOf(t, compressed)
	path := filepath.Join(dir, filepath.FromSlash(compressedBundle))
	for _, plain := range []bool{false, true} {
		if plain {
			from, err := openContents(path)
			require.NoError(t, err)
			contents, err := io.ReadAll(from)
			require.NoError(t, err)
			require.NoError(t, from.Close())
			require.NoError(t, os.WriteFile(strings.TrimSuffix(path, ".gz"), contents, 0o600))
		}
		s, err := Open(dir)
		require.NoError(t, err)
		require.Len(t, s.Bundles, 1)
		require.Equal(t, "nano/base-16x16", s.Bundles[0].Name)
		r, err := s.Run(t.Context(), Options{})
		require.NoError(t, err)
		require.NoError(t, r.Err())
		require.NotEmpty(t, r.Tensors)
	}
}

// Compressed bundles that are damaged fail in words.
func TestDamagedCompressed(t *testing.T) {
	compressed, err := os.ReadFile(filepath.FromSlash(compressedBundle))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		contents []byte
		want     string
	}{
		"not gzip":  {[]byte("not compressed"), "is not compressed by gzip"},
		"cut short": {compressed[:len(compressed)/2], "unexpected EOF"},
		"flipped":   {bytes.Replace(compressed, compressed[500:600], make([]byte, 100), 1), "gz: "},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(suiteOf(t, c.contents))
			require.NoError(t, err)
			r, err := s.Run(t.Context(), Options{})
			require.NoError(t, err)
			require.Len(t, r.Failures, 1)
			require.Contains(t, r.Failures[0].Reason, c.want)
		})
	}
}

// What a compressed file expands to has a limit.
func TestExpandedIsBounded(t *testing.T) {
	_, err := io.ReadAll(&expanded{from: strings.NewReader("four"), left: 3})
	require.ErrorContains(t, err, "expands to more than")
	all, err := io.ReadAll(&expanded{from: strings.NewReader("four"), left: 4})
	require.NoError(t, err)
	require.Equal(t, "four", string(all))
}
