package image

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseProcessor(t *testing.T) {
	p, err := ParseProcessor([]byte(`{
		"image_processor_type": "CLIPImageProcessor", "processor_class": "CLIPProcessor", "auto_map": {}, "_valid_processor_keys": ["a"],
		"data_format": "channels_first", "input_data_format": null, "return_tensors": "pt", "device": null, "do_pad": false, "disable_grouping": true,
		"do_resize": true, "size": {"height": 432, "width": 431}, "resample": 2, "do_center_crop": false, "crop_size": [30, 40],
		"do_rescale": true, "rescale_factor": 0.5, "do_normalize": true, "image_mean": [0.1, 0.2, 0.3], "image_std": 0.25, "do_convert_rgb": false}`))
	require.NoError(t, err)
	require.Equal(t, &Processor{
		DoResize: true, Height: 432, Width: 431, Resample: Bilinear,
		CropHeight: 30, CropWidth: 40,
		DoRescale: true, RescaleFactor: 0.5,
		DoNormalize: true, ImageMean: [3]float64{0.1, 0.2, 0.3}, ImageStd: [3]float64{0.25, 0.25, 0.25},
	}, p)

	for config, want := range map[string]*Processor{
		`{}`:             clipDefaults(),
		`{"size": null}`: clipDefaults(),
		`{"size": 30}`:   with(func(p *Processor) { p.ShortestEdge = 30 }),
		`{"size": 30, "default_to_square": true}`:                 with(func(p *Processor) { p.Height, p.Width, p.ShortestEdge = 30, 30, 0 }),
		`{"size": [20, 30]}`:                                      with(func(p *Processor) { p.Height, p.Width, p.ShortestEdge = 20, 30, 0 }),
		`{"size": {"shortest_edge": 50, "longest_edge": null}}`:   with(func(p *Processor) { p.ShortestEdge = 50 }),
		`{"crop_size": 7}`:                                        with(func(p *Processor) { p.CropHeight, p.CropWidth = 7, 7 }),
		`{"do_normalize": false, "image_std": [0, 0, 0]}`:         with(func(p *Processor) { p.DoNormalize, p.ImageStd = false, [3]float64{} }),
		`{"feature_extractor_type": "CLIPFeatureExtractor"}`:      clipDefaults(),
		`{"use_square_size": false, "image_processor_type":null}`: clipDefaults(),
		`{"do_sharpen": true, "seven": 7}`:                        with(func(p *Processor) { p.Ignored = []string{"do_sharpen", "seven"} }),
		`{"size": {"longest_edge": 50}}`:                          with(func(p *Processor) { p.ShortestEdge, p.LongestEdge = 0, 50 }),
		`{"size": {"shortest_edge": 50, "longest_edge": 90}}`:     with(func(p *Processor) { p.ShortestEdge, p.LongestEdge = 50, 90 }),
		`{"image_processor_type": "CLIPImageProcessorFast"}`:      clipDefaults(),
		`{"image_processor_type": "TowerImageProcessor", "max_num_tiles": 12}`: with(func(p *Processor) {
			p.Class, p.Ignored, p.DoCenterCrop, p.DoNormalize = "TowerImageProcessor", []string{"max_num_tiles"}, false, false
		}),
	} {
		got, err := ParseProcessor([]byte(config))
		require.NoError(t, err, config)
		require.Equal(t, want, got, config)
	}
}

// with is CLIP's defaults, changed.
func with(change func(*Processor)) *Processor {
	p := clipDefaults()
	change(p)
	return p
}

func TestParseProcessorRefuses(t *testing.T) {
	for config, want := range map[string]string{
		``:                                      "want a JSON object",
		`null`:                                  "found null",
		`[]`:                                    "want a JSON object",
		`{"do_resize": true`:                    "want a JSON object",
		`{"do_resize": 1}`:                      "do_resize: want true or false, found 1",
		`{"do_rescale": "yes"}`:                 "do_rescale: want true or false",
		`{"size": "large"}`:                     "size: want",
		`{"size": {"height": 3}}`:               "size: want 1 to",
		`{"size": {"height": 3, "width": 0}}`:   "size: want 1 to",
		`{"size": {"height": 3, "width": 1.5}}`: "size: want",
		`{"size": {"height": 3, "width": 3, "shortest_edge": 3}}`: "size: want",
		`{"size": {"longest_edge": -3}}`:                          "size: want 1 to",
		`{"size": {"shortest_edge": 9, "longest_edge": 3}}`:       "longest_edge 3 is less than shortest_edge 9",
		`{"size": {"max_height": 3, "max_width": 9}}`:             `size: "max_`,
		`{"size": {}}`:                        "size: want",
		`{"size": -5}`:                        "size: want 1 to",
		`{"size": [1, 2, 3]}`:                 "size: want",
		`{"crop_size": {"shortest_edge": 5}}`: `crop_size: "shortest_edge"`,
		`{"crop_size": 99999999999}`:          "crop_size: want 1 to",
		`{"crop_size": {"height":16000000,"width":16000000}}`: "crop_size: do_center_crop",
		`{"resample": 6}`:                         "resample: want 0 to 5",
		`{"resample": "bicubic"}`:                 "resample: want 0 to 5",
		`{"rescale_factor": 0}`:                   "rescale_factor: want a positive number",
		`{"rescale_factor": "a"}`:                 "rescale_factor: want a number",
		`{"image_mean": [0.5]}`:                   "image_mean: want three numbers",
		`{"image_std": [1, 0, 1]}`:                "image_std: do_normalize needs positive numbers",
		`{"do_pad": true}`:                        "do_pad: want false or null",
		`{"pad_size": {"height": 5, "width": 5}}`: "pad_size: want null",
	} {
		p, err := ParseProcessor([]byte(config))
		require.ErrorContains(t, err, want, config)
		require.ErrorContains(t, err, "preprocessor_config.json: ", config)
		require.Nil(t, p, config)
	}
	_, err := ParseProcessor(make([]byte, maxProcessorBytes+1))
	require.ErrorContains(t, err, "this is not a preprocessor config")
}

func TestProcessorSize(t *testing.T) {
	edge := &Processor{DoResize: true, ShortestEdge: 100}
	for _, c := range []struct {
		p            *Processor
		h, w, oh, ow int
	}{
		{edge, 300, 451, 100, 150}, // 150.33 is rounded down
		{edge, 451, 300, 150, 100},
		{edge, 7, 7, 100, 100},
		{edge, 3, 1, 300, 100},
		{&Processor{DoResize: true, LongestEdge: 100}, 300, 451, 66, 100},
		{&Processor{DoResize: true, LongestEdge: 100}, 451, 300, 100, 66},
		{&Processor{DoResize: true, LongestEdge: 100}, 1, 5000, 1, 100},
		{&Processor{DoResize: true, ShortestEdge: 100, LongestEdge: 120}, 300, 451, 80, 120}, // int(120 * 100 / 150)
		{&Processor{DoResize: true, ShortestEdge: 100, LongestEdge: 200}, 300, 451, 100, 150},
		{SquareProcessor(432, 300), 5, 7, 432, 300},
		{clipDefaults(), 500, 30, 224, 224},
		{&Processor{}, 5, 7, 5, 7},
	} {
		h, w := c.p.Size(c.h, c.w)
		require.Equal(t, [2]int{c.oh, c.ow}, [2]int{h, w}, "%d x %d", c.h, c.w)
	}
}

// TestRescaleEqualsDivision: a factor of 1/255, multiplied in float64 and rounded once, is
// float32(v)/255 for every byte, which is how RADIO's own examples make pixels.
func TestRescaleEqualsDivision(t *testing.T) {
	img := newRGB(16, 16)
	for i := range 256 {
		img.Pix[3*i] = uint8(i)
	}
	pixels := make([]float32, len(img.Pix))
	require.NoError(t, SquareProcessor(16, 16).Pixels(pixels, img))
	for i := range 256 {
		require.Equal(t, math.Float32bits(float32(i)/255), math.Float32bits(pixels[i]), "level %d", i)
	}
}

func TestProcessComposesOrDropsTransparency(t *testing.T) {
	img := &RGB{Pix: []uint8{10, 20, 30}, H: 1, W: 1, Alpha: []uint8{0}}
	p := &Processor{ConvertRGB: true}
	out, err := p.Process(img)
	require.NoError(t, err)
	require.Equal(t, &RGB{Pix: []uint8{255, 255, 255}, H: 1, W: 1}, out)
	p.ConvertRGB = false
	out, err = p.Process(img)
	require.NoError(t, err)
	require.Equal(t, &RGB{Pix: []uint8{10, 20, 30}, H: 1, W: 1}, out)
	require.Equal(t, &RGB{Pix: []uint8{10, 20, 30}, H: 1, W: 1, Alpha: []uint8{0}}, img, "the source is not changed")
}

func TestProcessorRefusesBadCalls(t *testing.T) {
	img := pattern(4, 4)
	p := SquareProcessor(8, 8)
	require.ErrorContains(t, p.Pixels(make([]float32, 5), img), "dst has 5 values, want 3 x 4 x 4 = 48")
	img.Alpha = make([]uint8, 16)
	require.ErrorContains(t, p.Pixels(make([]float32, 48), img), "alpha plane")
	_, err := p.Process(&RGB{H: 2, W: 2})
	require.ErrorContains(t, err, "process: image of 2 x 2")
	for _, bad := range []*Processor{
		SquareProcessor(0, 5), SquareProcessor(-1, 5),
		{DoResize: true, ShortestEdge: -4},
		{DoResize: true, ShortestEdge: 4, Resample: 9},
		{DoCenterCrop: true},
		{DoRescale: true, RescaleFactor: math.NaN()},
		{DoNormalize: true},
	} {
		_, err := bad.Process(pattern(4, 4))
		require.Error(t, err, "%+v", bad)
		require.Error(t, bad.Pixels(make([]float32, 48), pattern(4, 4)), "%+v", bad)
	}
	_, err = (&Processor{DoResize: true, ShortestEdge: 20000}).Process(pattern(1, 100))
	require.ErrorContains(t, err, "want at most 178956970 pixels")
}
