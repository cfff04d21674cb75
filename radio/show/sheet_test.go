package show

import (
	"bytes"
	stdimage "image"
	stdpng "image/png"
	"math"
	"strings"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

func TestMapResize(t *testing.T) {
	m := NewMap(2, 3, []float64{0, 1, 2, 3, 4, 5})
	near := m.Resize(4, 7, false)
	require.Equal(t, []float64{0, 0, 0, 1, 1, 2, 2}, near.Values[:7], "of the uneven columns the first are wider")
	require.Equal(t, 5.0, near.Values[4*7-1])
	smooth := m.Resize(40, 60, true)
	require.InDelta(t, 0, smooth.Values[0], 0.3)
	require.InDelta(t, 5, smooth.Values[40*60-1], 0.3)
	require.InDelta(t, 2.5, smooth.Values[20*60+30], 0.15)
	for _, v := range NewMap(3, 2, []float64{7, 7, 7, 7, 7, 7}).Resize(11, 5, true).Values {
		require.InDelta(t, 7, v, 1e-12, "what is constant stays")
	}
	require.Equal(t, []float64{4, 4, 4, 4}, NewMap(1, 1, []float64{4}).Resize(2, 2, true).Values)
	require.Equal(t, []float64{0}, m.Resize(1, 1, false).Values)
}

func TestColourMaps(t *testing.T) {
	require.Equal(t, [3]uint8{0x44, 0x01, 0x54}, Viridis.At(0))
	require.Equal(t, [3]uint8{0xfd, 0xe7, 0x25}, Viridis.At(1))
	require.Equal(t, Viridis.At(1), Viridis.At(7))
	require.Equal(t, Turbo.At(0), Turbo.At(-1))
	require.Equal(t, [3]uint8{128, 128, 128}, Grey.At(0.5))
	before := -1.0 // viridis becomes lighter from low to high
	for i := range 256 {
		c := Viridis.At(float64(i) / 255)
		l := 0.2126*math.Pow(float64(c[0])/255, 2.2) + 0.7152*math.Pow(float64(c[1])/255, 2.2) + 0.0722*math.Pow(float64(c[2])/255, 2.2)
		require.GreaterOrEqual(t, l, before-1e-3)
		before = l
	}
	require.Equal(t, Viridis.At(0), Viridis.Over(3, 3)([]float64{3}), "a map that does not vary")
	require.Equal(t, Viridis.At(0.5), Viridis.Over(2, 4)([]float64{3}))
}

func solid(h, w int, c byte) *image.RGB {
	return &image.RGB{H: h, W: w, Pix: bytes.Repeat([]byte{c}, 3*h*w)}
}

func TestSheet(t *testing.T) {
	mark := Mark{stdimage.Rect(10, 10, 20, 20), Outside}
	s := &Sheet{
		Title: "A title", Notes: []string{"one line", strings.Repeat("many words ", 60)},
		Strips: []Strip{
			{"a.jpg", []Panel{{"image", solid(100, 120, 7), []Mark{mark}}, {"map", solid(100, 120, 90), nil}}},
			{"b.jpg", []Panel{{"image", solid(60, 200, 30), nil}}},
			{strings.Repeat("照片 long name ", 20) + ".jpg", []Panel{{"", solid(50, 50, 60), nil}}},
		},
		Bars:   []Bar{{Viridis, 0, 1, "numbers"}},
		Legend: []Entry{{[3]uint8{1, 2, 3}, "this"}, {[3]uint8{200, 2, 3}, "that"}},
	}
	w, h := s.Size()
	img, err := s.Draw()
	require.NoError(t, err)
	require.Equal(t, stdimage.Rect(0, 0, w, h), img.Bounds())
	again, err := s.Draw()
	require.NoError(t, err)
	require.Equal(t, img.Pix, again.Pix)
	count := map[[3]byte]int{}
	for i := 0; i < len(img.Pix); i += 4 {
		require.Equal(t, byte(255), img.Pix[i+3])
		count[[3]byte(img.Pix[i:i+3])]++
	}
	require.Equal(t, 120*100, count[[3]byte{90, 90, 90}], "a whole panel")
	require.Equal(t, 200*60, count[[3]byte{30, 30, 30}])
	require.Equal(t, 50*50, count[[3]byte{60, 60, 60}])
	require.Less(t, count[[3]byte{7, 7, 7}], 120*100, "a part of it is outlined")
	require.GreaterOrEqual(t, count[[3]byte{Outside.R, Outside.G, Outside.B}], 2*36)
	require.GreaterOrEqual(t, count[[3]byte{200, 2, 3}], 100, "the legend")
}

func TestSheetThatIsTooLarge(t *testing.T) {
	panel := Panel{Image: &image.RGB{H: 6000, W: 6000}} // without pixels: the error comes before they are read
	s := &Sheet{Strips: []Strip{{"a", []Panel{panel, panel}}, {"b", []Panel{panel, panel}}}}
	_, err := s.Draw()
	require.ErrorContains(t, err, "must be at most 67 million; give fewer or smaller images")
}

func TestMarkAtTheEdge(t *testing.T) {
	s := &Sheet{Strips: []Strip{{"", []Panel{{"", solid(16, 16, 9), []Mark{{stdimage.Rect(0, 0, 16, 16), Picked}}}}}}}
	img, err := s.Draw()
	require.NoError(t, err)
	outside := img.RGBAAt(margin-1, margin+titleFace().height()+4+gap+3)
	require.Equal(t, paper, outside, "it stays inside its panel")
}

func TestTextIsCutInTheMiddle(t *testing.T) {
	f := textFace()
	name := "a-very-long-name-of-a-file.jpg"
	short := f.fit(name, f.width(name)/2)
	require.Contains(t, short, "…")
	require.True(t, strings.HasPrefix(short, "a-ve") && strings.HasSuffix(short, ".jpg"), short)
	require.Equal(t, name, f.fit(name, f.width(name)))
	require.Equal(t, "…", f.fit(name, 1))
}

func TestStripsWrap(t *testing.T) {
	s := Strip{Name: "a", Panels: make([]Panel, 7)}
	lines := s.Wrapped(3)
	require.Equal(t, []int{3, 3, 1}, []int{len(lines[0].Panels), len(lines[1].Panels), len(lines[2].Panels)})
}

func TestPNGHasTheComment(t *testing.T) {
	img := stdimage.NewRGBA(stdimage.Rect(0, 0, 2, 1))
	copy(img.Pix, []byte{1, 2, 3, 255, 4, 5, 6, 255})
	for comment, want := range map[string]string{
		"synthetic weights": "tEXtComment\x00synthetic weights",
		"‖a-b‖\x00 \xff":    "iTXtComment\x00\x00\x00\x00\x00‖a-b‖ \ufffd",
	} {
		var b bytes.Buffer
		require.NoError(t, WritePNG(&b, img, comment))
		require.Contains(t, b.String(), want)
		decoded, err := stdpng.Decode(bytes.NewReader(b.Bytes()))
		require.NoError(t, err)
		require.Equal(t, 2, decoded.Bounds().Dx())
		again, err := image.Decode(b.Bytes(), image.DecodeOptions{})
		require.NoError(t, err)
		require.Equal(t, []byte{1, 2, 3, 4, 5, 6}, again.Pix)
	}
}

func TestBlend(t *testing.T) {
	require.Equal(t, []uint8{40, 40, 40}, Blend(solid(1, 1, 100), solid(1, 1, 0), 0.6).Pix)
}
