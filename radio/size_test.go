package radio

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"cradio/loader"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]Size{
		"card": Card(), "native": Native(), "224": Square(224), "320x512": Fixed(320, 512), "320×512": Fixed(320, 512),
		"short:432": ShortEdge(432), "long:1024": LongEdge(1024), "pixels:262144": PixelCount(262144),
	} {
		got, err := ParseSize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		again, err := ParseSize(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, text := range []string{"", "0", "-5", "224x", "short", "short:", "short:0", "long:x", "pixels:-1", "99999999", "cards", "10x99999999999"} {
		_, err := ParseSize(text)
		require.Error(t, err, text)
	}
}

func TestSizeOfAnImage(t *testing.T) {
	c := &Config{Patch: 16, MaxResolution: 2048}
	edge, square := image.ShortEdgeProcessor(432), image.SquareProcessor(432, 300)
	for _, x := range []struct {
		size    Size
		p       *image.Processor
		h, w    int
		oh, ow  int
		extreme bool
	}{
		{Card(), edge, 427, 640, 432, 640, false}, // 647.5
		{Card(), edge, 300, 451, 432, 656, false}, // 649.4
		{Card(), edge, 1, 1, 432, 432, false},
		{Card(), edge, 1, 5000, 16, 2048, true}, // 432 × 2160000 would not fit
		{Card(), edge, 5000, 1, 2048, 16, true},
		{Card(), edge, 20, 1000, 432, 21600, false},
		{Card(), square, 427, 640, 432, 304, false},
		{Card(), &image.Processor{LongestEdge: 100}, 50, 200, 32, 96, false},
		{Card(), &image.Processor{LongestEdge: 100}, 1, 200, 16, 96, true},
		{Card(), &image.Processor{}, 50, 200, 48, 192, false}, // the file gives no size
		{Native(), edge, 427, 640, 432, 640, false},
		{Native(), edge, 3000, 4000, 1536, 2048, false},
		{Native(), edge, 1, 5000, 16, 2048, true},
		{Square(224), edge, 427, 640, 224, 224, false},
		{Fixed(320, 512), edge, 427, 640, 320, 512, false},
		{ShortEdge(100), edge, 427, 640, 96, 144, false},
		{LongEdge(1024), edge, 427, 640, 688, 1024, false},
		{PixelCount(432 * 432), edge, 427, 640, 352, 528, false},
		{PixelCount(432 * 432), edge, 1000, 1000, 432, 432, false},
		{PixelCount(1), edge, 427, 640, 16, 16, true},
		{PixelCount(100000), edge, 1, 5000, 16, 6256, true},
	} {
		oh, ow, extreme := x.size.Of(c, x.p, x.h, x.w)
		require.Equal(t, []any{x.oh, x.ow, x.extreme}, []any{oh, ow, extreme}, "%v of %d×%d", x.size, x.h, x.w)
		require.NoError(t, c.CheckSize(oh, ow))
	}
}

// Whatever an image's size, and whatever size is asked for but for one that the model
// does not have, the result is supported, and the aspect ratio is kept to within a step.
func TestEverySizeIsSupported(t *testing.T) {
	p := image.ShortEdgeProcessor(432)
	for _, c := range []*Config{{Patch: 16, MaxResolution: 2048}, {Patch: 14, MaxResolution: 1050}, {Patch: 16, Window: 8, MaxResolution: 2048}} {
		for _, s := range []Size{Card(), Native(), ShortEdge(224), LongEdge(700), PixelCount(200000)} {
			for h := 1; h < 9000; h = h*5/3 + 1 {
				for w := 1; w < 9000; w = w*7/4 + 1 {
					oh, ow, extreme := s.Of(c, p, h, w)
					require.NoError(t, c.CheckSize(oh, ow), "%v of %d×%d", s, h, w)
					if extreme {
						continue
					}
					// The sides before rounding differ from oh and ow by less than a step, and have the ratio.
					step := float64(c.Step())
					lo := (float64(oh) - step) / (float64(ow) + step)
					hi := (float64(oh) + step) / max(float64(ow)-step, 1e-9)
					ratio := float64(h) / float64(w)
					require.True(t, ratio > lo && ratio < hi, "%v of %d×%d gives %d×%d", s, h, w, oh, ow)
				}
			}
		}
	}
}

// With Exact, pixels equal those of CLIPImageProcessor and torch's interpolate.
func TestExactEqualsPython(t *testing.T) {
	f, err := loader.OpenFile(filepath.Join("testdata", "exact.safetensors"))
	require.NoError(t, err)
	defer f.Close()
	for _, key := range f.Names() {
		name, rest, _ := strings.Cut(key, " ")
		at := strings.LastIndexByte(rest, ' ')
		step, err := strconv.Atoi(rest[at+1:])
		require.NoError(t, err)
		p, err := image.ParseProcessor([]byte(fmt.Sprintf(`{"do_resize": false, "do_center_crop": false, "do_normalize": false, "size": %s}`, rest[:at])))
		require.NoError(t, err)
		info, _ := f.Lookup(key)
		want, err := f.Float32(key, info.Shape...)
		require.NoError(t, err)

		e := &Encoder{Model: &Model{config: &Config{Patch: step, MaxResolution: 2048}}, Processor: p, Exact: true}
		img, err := image.DecodeFile(filepath.Join(pictures, name), image.DecodeOptions{})
		require.NoError(t, err)
		plan, err := e.fit(img.H, img.W)
		require.NoError(t, err)
		require.Equal(t, info.Shape, []int{3, plan.h, plan.w}, key)
		img, err = plan.processor.Process(img)
		require.NoError(t, err)
		got := make([]float32, 3*plan.h*plan.w)
		require.NoError(t, plan.pixels(got, img))
		require.InDeltaSlice(t, want, got, 1e-6, key)
	}
	require.Len(t, f.Names(), 16)
}

// A crop that the file asks for is cut from the image in proportion where its size is
// not supported.
func TestCropOfTheCard(t *testing.T) {
	e := NewEncoder(openNano(t, Options{}))
	data, err := json.Marshal(map[string]any{"size": 50, "crop_size": 40, "do_normalize": false})
	require.NoError(t, err)
	e.Processor, err = image.ParseProcessor(data)
	require.NoError(t, err)
	f, err := e.fit(100, 200)
	require.NoError(t, err)
	require.Equal(t, []int{32, 32, 40, 80, 32, 32}, []int{f.h, f.w, f.processor.Height, f.processor.Width, f.processor.CropHeight, f.processor.CropWidth})
	e.Size = ShortEdge(48)
	f, err = e.fit(100, 200)
	require.NoError(t, err)
	require.Equal(t, []any{48, 96, false}, []any{f.h, f.w, f.processor.DoCenterCrop})
}
