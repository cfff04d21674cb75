package image

import (
	stdimage "image"
	"image/color"
	"image/color/palette"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// slow hides the type of an image, so that FromImage uses At.
type slow struct{ stdimage.Image }

// TestFromImageAsAt: reading rows equals using At, for every type of package image, every chroma ratio,
// and sub-images at any corner.
func TestFromImageAsAt(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	noise := func(p []uint8) {
		for i := range p {
			p[i] = uint8(rng.Uint32())
		}
	}
	type cut interface {
		stdimage.Image
		SubImage(stdimage.Rectangle) stdimage.Image
	}
	for _, whole := range []stdimage.Rectangle{stdimage.Rect(0, 0, 83, 9), stdimage.Rect(-5, -3, 72, 6), stdimage.Rect(3, 5, 70, 12)} {
		images := map[string]cut{}
		for ratio := stdimage.YCbCrSubsampleRatio444; ratio <= stdimage.YCbCrSubsampleRatio410; ratio++ {
			m := stdimage.NewYCbCr(whole, ratio)
			noise(m.Y)
			noise(m.Cb)
			noise(m.Cr)
			images[ratio.String()] = m
			n := stdimage.NewNYCbCrA(whole, ratio)
			noise(n.Y)
			noise(n.Cb)
			noise(n.Cr)
			noise(n.A)
			images[ratio.String()+" with alpha"] = n
		}
		gray, gray16 := stdimage.NewGray(whole), stdimage.NewGray16(whole)
		rgba, rgba64 := stdimage.NewRGBA(whole), stdimage.NewRGBA64(whole)
		nrgba, nrgba64 := stdimage.NewNRGBA(whole), stdimage.NewNRGBA64(whole)
		cmyk, alpha := stdimage.NewCMYK(whole), stdimage.NewAlpha(whole)
		paletted := stdimage.NewPaletted(whole, append(color.Palette{color.Transparent, color.NRGBA{9, 90, 190, 100}}, palette.Plan9[2:]...))
		opaque := stdimage.NewRGBA(whole)
		for name, m := range map[string]struct {
			m   cut
			pix []uint8
		}{
			"Gray": {gray, gray.Pix}, "Gray16": {gray16, gray16.Pix}, "RGBA": {rgba, rgba.Pix}, "RGBA64": {rgba64, rgba64.Pix},
			"NRGBA": {nrgba, nrgba.Pix}, "NRGBA64": {nrgba64, nrgba64.Pix}, "CMYK": {cmyk, cmyk.Pix}, "Alpha": {alpha, alpha.Pix},
			"Paletted": {paletted, paletted.Pix}, "opaque": {opaque, opaque.Pix},
		} {
			noise(m.pix)
			images[name] = m.m
		}
		for i := 3; i < len(opaque.Pix); i += 4 {
			opaque.Pix[i] = 255
		}
		for name, m := range images {
			for range 6 {
				a := whole.Min.Add(stdimage.Pt(rng.IntN(30), rng.IntN(4)))
				b := whole.Max.Sub(stdimage.Pt(rng.IntN(30), rng.IntN(3)))
				part := m.SubImage(stdimage.Rectangle{Min: a, Max: b})
				require.Equal(t, FromImage(slow{part}), FromImage(part), "%s %v", name, part.Bounds())
			}
		}
	}
}

func TestFromImageEmpty(t *testing.T) {
	for _, m := range []stdimage.Image{&stdimage.YCbCr{}, &stdimage.RGBA{}, &stdimage.Gray{}, slow{&stdimage.Gray{}}} {
		got := FromImage(m)
		require.Empty(t, got.Pix)
		require.Zero(t, got.H)
	}
}

// TestFromImageBeyondThePalette: indices beyond the palette are black.
func TestFromImageBeyondThePalette(t *testing.T) {
	m := stdimage.NewPaletted(stdimage.Rect(0, 0, 2, 1), color.Palette{color.White})
	m.Pix[1] = 3
	require.Equal(t, &RGB{Pix: []uint8{255, 255, 255, 0, 0, 0}, H: 1, W: 2}, FromImage(m))
}
