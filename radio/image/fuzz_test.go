package image

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzPixels limits the size that a mutated header can claim.
const fuzzPixels = 1 << 16

// FuzzDecode: any bytes give an image whose planes fit its size, or an error. They never panic.
func FuzzDecode(f *testing.F) {
	files, err := os.ReadDir("testdata/pictures")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata/pictures", file.Name()))
		require.NoError(f, err)
		f.Add(data)
	}
	for _, c := range readLenient(f) {
		f.Add(c.Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(data, DecodeOptions{MaxPixels: fuzzPixels, Orient: true})
		if err != nil {
			require.Nil(t, img)
			return
		}
		require.NoError(t, img.check())
		require.LessOrEqual(t, img.H*img.W, fuzzPixels)
	})
}

// FuzzParseProcessor: a valid config can be carried out.
func FuzzParseProcessor(f *testing.F) {
	for _, config := range []string{
		`{}`, `{"size": 30, "default_to_square": true}`, `{"size": {"height": 5, "width": 7}, "resample": 1}`,
		`{"do_resize": false, "crop_size": [3, 4]}`, `{"do_normalize": true, "image_std": 0.1, "do_rescale": null}`,
	} {
		f.Add([]byte(config))
	}
	img := pattern(3, 5)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProcessor(data)
		if err != nil {
			require.Nil(t, p)
			return
		}
		h, w := p.Size(img.H, img.W)
		if rh, rw := p.resized(img.H, img.W); h*w > fuzzPixels || rh*rw > fuzzPixels {
			return
		}
		out, err := p.Process(img)
		require.NoError(t, err)
		require.Equal(t, [2]int{h, w}, [2]int{out.H, out.W})
		require.NoError(t, p.Pixels(make([]float32, len(out.Pix)), out))
	})
}

// FuzzOrientation: any metadata gives 1 to 8.
func FuzzOrientation(f *testing.F) {
	for name := range formats {
		f.Add([]byte(formats[name].name), []byte{})
	}
	for _, name := range []string{"orientation-6.jpg", "orientation-5.webp", "orientation-xmp-8.png", "orientation-5.tif"} {
		data, err := os.ReadFile(filepath.Join("testdata/pictures", name))
		require.NoError(f, err)
		f.Add(data, data)
	}
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"), []byte(`tiff:Orientation="7"`))
	f.Fuzz(func(t *testing.T, exif, xmp []byte) {
		require.Contains(t, []int{1, 2, 3, 4, 5, 6, 7, 8}, orientation(exif, xmp))
		for _, format := range formats {
			if format.meta != nil {
				require.Contains(t, []int{1, 2, 3, 4, 5, 6, 7, 8}, orientation(format.meta(exif)))
			}
		}
	})
}
