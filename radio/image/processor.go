package image

import "fmt"

// Processor says how a picture becomes a model's input: the fields of a preprocessor_config.json
// written by CLIPImageProcessor, in its order of work. Make one with ParseProcessor or
// SquareProcessor.
type Processor struct {
	// ConvertRGB composes transparency on white; without it transparency is dropped.
	ConvertRGB bool

	// DoResize brings the picture to Height x Width, or, where ShortestEdge is set instead, its
	// shorter edge to ShortestEdge with the aspect ratio kept (the longer one is rounded down).
	// LongestEdge bounds the longer edge then, or without a ShortestEdge is what that becomes.
	DoResize      bool
	Height, Width int
	ShortestEdge  int
	LongestEdge   int
	Resample      Filter

	// DoCenterCrop cuts or zero-pads to CropHeight x CropWidth around the centre.
	DoCenterCrop          bool
	CropHeight, CropWidth int

	// DoRescale multiplies by RescaleFactor, DoNormalize subtracts ImageMean and divides by
	// ImageStd (red, green, blue).
	DoRescale           bool
	RescaleFactor       float64
	DoNormalize         bool
	ImageMean, ImageStd [3]float64

	// Class is the image processor that the file was written by, where that is not one of CLIP's:
	// its fields are read as CLIPImageProcessor's. Ignored are fields without a bearing on pixels.
	Class   string
	Ignored []string
}

// SquareProcessor resizes straight to h x w pixels (bicubic, the aspect ratio not kept) and
// rescales to 0…1, without crop or normalisation: RADIO models normalise inside.
func SquareProcessor(h, w int) *Processor {
	p := clipDefaults()
	p.Height, p.Width, p.ShortestEdge = h, w, 0
	p.DoCenterCrop, p.CropHeight, p.CropWidth = false, 0, 0
	p.DoNormalize = false
	return p
}

// ShortEdgeProcessor resizes the shorter edge to n pixels (bicubic, the aspect ratio kept) and
// rescales to 0…1, as the preprocessor_config.json of RADIO's repositories do.
func ShortEdgeProcessor(n int) *Processor {
	p := SquareProcessor(0, 0)
	p.ShortestEdge = n
	return p
}

// clipDefaults are the class attributes of transformers' CLIPImageProcessorPil, which stand in
// for fields that a preprocessor_config.json leaves out.
func clipDefaults() *Processor {
	return &Processor{
		ConvertRGB: true,
		DoResize:   true, ShortestEdge: 224, Resample: Bicubic,
		DoCenterCrop: true, CropHeight: 224, CropWidth: 224,
		DoRescale: true, RescaleFactor: 1.0 / 255,
		DoNormalize: true,
		// OPENAI_CLIP_MEAN and OPENAI_CLIP_STD (transformers/utils/constants.py).
		ImageMean: [3]float64{0.48145466, 0.4578275, 0.40821073},
		ImageStd:  [3]float64{0.26862954, 0.26130258, 0.27577711},
	}
}

// Size is the height and width that Process gives a picture of h x w pixels.
func (p *Processor) Size(h, w int) (oh, ow int) {
	if p.DoCenterCrop {
		return p.CropHeight, p.CropWidth
	}
	return p.resized(h, w)
}

// resized is the size after the resize step. The longer edge is Python's
// int(ShortestEdge * long / short) (get_resize_output_image_size).
func (p *Processor) resized(h, w int) (oh, ow int) {
	switch {
	case !p.DoResize:
		return h, w
	case p.ShortestEdge == 0 && p.LongestEdge == 0:
		return p.Height, p.Width
	case w <= h:
		oh, ow = p.edges(h, w)
		return oh, ow
	default:
		ow, oh = p.edges(w, h)
		return oh, ow
	}
}

// edges are the edges after the resize step, the longer one first.
func (p *Processor) edges(long, short int) (l, s int) {
	if p.ShortestEdge == 0 {
		return p.LongestEdge, max(proportion(p.LongestEdge, short, long), 1)
	}
	l, s = proportion(p.ShortestEdge, long, short), p.ShortestEdge
	if p.LongestEdge > 0 && l > p.LongestEdge {
		l, s = p.LongestEdge, max(proportion(p.LongestEdge, s, l), 1)
	}
	return l, s
}

// proportion is Python's int(edge * of / to).
func proportion(edge, of, to int) int {
	if to < 1 {
		return 0
	}
	return int(float64(int64(edge)*int64(of)) / float64(to))
}

// Process resizes and crops img to (Size(img.H, img.W), 3), still 0…255: Pixels takes the result
// to float32. img is not changed; where it has that size already, the result shares its colours.
func (p *Processor) Process(img *RGB) (*RGB, error) {
	if err := img.check(); err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	if p.ConvertRGB {
		img = img.onWhite()
	}
	img = &RGB{Pix: img.Pix, H: img.H, W: img.W}
	if h, w := p.resized(img.H, img.W); h != img.H || w != img.W {
		var err error
		if img, err = Resize(img, h, w, p.Resample); err != nil {
			return nil, err
		}
	}
	if p.DoCenterCrop {
		return CenterCrop(img, p.CropHeight, p.CropWidth), nil
	}
	return img, nil
}

// Pixels writes img, which Process has brought to its size, to dst as planes (3, H, W): rescaled
// and normalised with the roundings of transformers' NumPy code. Rescaling multiplies in float64
// and rounds once to float32 (image_transforms.rescale); with a factor of 1/255 that equals
// float32(v)/255 for every byte. Normalising works in float32 (image_transforms.normalize).
func (p *Processor) Pixels(dst []float32, img *RGB) error {
	if err := p.CheckPixels(img); err != nil {
		return err
	}
	n := img.H * img.W
	if len(dst) != 3*n {
		return fmt.Errorf("pixels: dst has %d values, want 3 x %d x %d = %d", len(dst), img.H, img.W, 3*n)
	}
	for c := range 3 {
		levels := p.levels(c)
		plane := dst[c*n:][:n]
		for i := range plane {
			plane[i] = levels[img.Pix[3*i+c]]
		}
	}
	return nil
}

// CheckPixels says why Pixels will refuse img, if it will.
func (p *Processor) CheckPixels(img *RGB) error {
	if err := img.check(); err != nil {
		return fmt.Errorf("pixels: %w", err)
	}
	if err := p.check(); err != nil {
		return fmt.Errorf("pixels: %w", err)
	}
	if img.Alpha != nil {
		return fmt.Errorf("pixels: the picture has an alpha plane: give it to Process first")
	}
	return nil
}

// levels are the 256 values that a byte of channel c can become.
func (p *Processor) levels(c int) (levels [256]float32) {
	mean, std := float32(p.ImageMean[c]), float32(p.ImageStd[c])
	for i := range levels {
		v := float32(i)
		if p.DoRescale {
			v = float32(float64(i) * p.RescaleFactor)
		}
		if p.DoNormalize {
			v = (v - mean) / std
		}
		levels[i] = v
	}
	return levels
}
