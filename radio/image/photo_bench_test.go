package image

import (
	"bytes"
	stdimage "image"
	"image/color"
	"image/draw"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// photo is a JPEG of 12 megapixels, 4:2:0: the file that the environment variable CRADIO_PHOTO
// names, or a portrait enlarged with a camera's noise.
func photo(b *testing.B) []byte {
	b.Helper()
	if path := os.Getenv("CRADIO_PHOTO"); path != "" {
		data, err := os.ReadFile(path)
		require.NoError(b, err)
		return data
	}
	portrait, err := DecodeFile(filepath.Join(bundles, "images/astronaut.png"), DecodeOptions{})
	require.NoError(b, err)
	large, err := Resize(portrait, 3000, 4000, Bicubic)
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(1, 2))
	m := stdimage.NewRGBA(stdimage.Rect(0, 0, large.W, large.H))
	for i := range large.H * large.W {
		noise := rng.NormFloat64() * 5
		for c := range 3 {
			m.Pix[4*i+c] = uint8(min(max(float64(large.Pix[3*i+c])+noise, 0), 255))
		}
		m.Pix[4*i+3] = 255
	}
	var out bytes.Buffer
	require.NoError(b, stdjpeg.Encode(&out, m, &stdjpeg.Options{Quality: 92}))
	return out.Bytes()
}

// BenchmarkPhoto is the way of a photograph from its file to a model's size. GOMAXPROCS=1 times
// one core.
func BenchmarkPhoto(b *testing.B) {
	data := photo(b)
	img, err := Decode(data, DecodeOptions{})
	require.NoError(b, err)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"decode", func() error {
			_, err := Decode(data, DecodeOptions{})
			return err
		}},
		{"draft", func() error {
			_, err := Decode(data, DecodeOptions{Draft: [2]int{768, 1024}})
			return err
		}},
		{"std", func() error {
			_, err := stdjpeg.Decode(bytes.NewReader(data))
			return err
		}},
		{"resize", func() error {
			_, err := Resize(img, 768, 1024, Bicubic)
			return err
		}},
	} {
		b.Run(step.name, func(b *testing.B) {
			b.ReportAllocs()
			start := cpuTime()
			for b.Loop() {
				require.NoError(b, step.do())
			}
			b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkFromImage converts 12 megapixels of every kind of Go image that a decoder makes.
func BenchmarkFromImage(b *testing.B) {
	rect := stdimage.Rect(0, 0, 4000, 3000)
	gray := stdimage.NewGray(rect)
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i * 7)
	}
	into := func(m draw.Image) stdimage.Image {
		draw.Draw(m, rect, gray, rect.Min, draw.Src)
		return m
	}
	ycc := func(ratio stdimage.YCbCrSubsampleRatio) stdimage.Image {
		m := stdimage.NewYCbCr(rect, ratio)
		for _, plane := range [][]uint8{m.Y, m.Cb, m.Cr} {
			for i := range plane {
				plane[i] = uint8(i*13 + i>>8)
			}
		}
		return m
	}
	palette := make(color.Palette, 256)
	for i := range palette {
		palette[i] = color.RGBA{uint8(i), uint8(i / 2), 255 - uint8(i), 255}
	}
	paletted := stdimage.NewPaletted(rect, palette)
	copy(paletted.Pix, gray.Pix)
	for _, c := range []struct {
		name string
		m    stdimage.Image
	}{
		{"YCbCr420", ycc(stdimage.YCbCrSubsampleRatio420)},
		{"YCbCr444", ycc(stdimage.YCbCrSubsampleRatio444)},
		{"RGBA", into(stdimage.NewRGBA(rect))},
		{"NRGBA", into(stdimage.NewNRGBA(rect))},
		{"Gray", gray},
		{"Paletted", paletted},
		{"RGBA64", into(stdimage.NewRGBA64(rect))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			start := cpuTime()
			for b.Loop() {
				FromImage(c.m)
			}
			b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
		})
	}
}
