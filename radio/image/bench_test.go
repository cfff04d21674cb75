package image

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkResize(b *testing.B) {
	photo, err := DecodeFile(filepath.Join(bundles, "images/coffee-progressive-444.jpg"), DecodeOptions{})
	require.NoError(b, err)
	large, err := Resize(photo, 1536, 2048, Bicubic)
	require.NoError(b, err)
	for _, f := range []Filter{Nearest, Bilinear, Bicubic, Lanczos} {
		b.Run(f.String(), func(b *testing.B) {
			b.SetBytes(int64(len(large.Pix)))
			for b.Loop() {
				if _, err := Resize(large, 432, 576, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"chelsea.jpg", "coffee-progressive-444.jpg", "astronaut.png", "lossy.webp"} {
		data, err := os.ReadFile(filepath.Join(bundles, "images", name))
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			img, err := Decode(data, DecodeOptions{})
			require.NoError(b, err)
			b.SetBytes(int64(len(img.Pix)))
			for b.Loop() {
				if _, err := Decode(data, DecodeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
