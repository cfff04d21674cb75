package image

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDraftAndBounds: a file that decodes has the size that Bounds returns, and its draft has a fitting
// size.
func FuzzDraftAndBounds(f *testing.F) {
	for _, folder := range []string{"testdata/pictures", "testdata/jpeg"} {
		files, err := filepath.Glob(folder + "/*")
		require.NoError(f, err)
		for _, path := range files {
			data, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(data, uint8(3), uint8(5))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, h, w uint8) {
		img, err := Decode(data, DecodeOptions{MaxPixels: fuzzPixels})
		if err != nil {
			return
		}
		height, width, err := Bounds(data)
		require.NoError(t, err)
		require.Equal(t, [2]int{img.H, img.W}, [2]int{height, width})
		draft, err := Decode(data, DecodeOptions{MaxPixels: fuzzPixels, Draft: [2]int{int(h), int(w)}})
		require.NoError(t, err)
		require.NoError(t, draft.check())
		require.GreaterOrEqual(t, draft.H, min(img.H, int(h)))
		require.GreaterOrEqual(t, draft.W, min(img.W, int(w)))
		require.LessOrEqual(t, draft.H, img.H)
	})
}
