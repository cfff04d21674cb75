package image

import "fmt"

// Processor converts an image to a model's input. Its fields are those of a
// preprocessor_config.json of CLIPImageProcessor, in the order of its steps. Create one with
// ParseProcessor, SquareProcessor or ShortEdgeProcessor.
type Processor struct {
	// ConvertRGB composites transparency on white. If false, transparency is dropped.
	ConvertRGB bool

	// DoResize resizes the image. The target is either Height x Width, or given by edges, which
	// keep the aspect ratio. ShortestEdge is the target of the shorter edge; the longer one is
	// rounded down. LongestEdge is the limit of the longer edge or, without ShortestEdge, its
	// target.
	DoResize      bool
	Height, Width int
	ShortestEdge  int
	LongestEdge   int
	Resample      Filter

	// DoCenterCrop crops the centre to CropHeight x CropWidth, or pads with zeros.
	DoCenterCrop          bool
	CropHeight, CropWidth int

	// DoRescale multiplies by RescaleFactor. DoNormalize subtracts ImageMean and divides by
	// ImageStd (red, green, blue).
	DoRescale           bool
	RescaleFactor       float64
	DoNormalize         bool
	ImageMean, ImageStd [3]float64

	// Class is the class that wrote the file, if it is not one of CLIP's. Its fields are read as
	// those of CLIPImageProcessor. Ignored lists fields that do not change pixels.
	Class   string
	Ignored []string
}

// SquareProcessor returns a processor that resizes to h x w pixels, whatever the aspect ratio
// (bicubic), and rescales to 0…1. It does not crop or normalise: RADIO models normalise
// their input.
func SquareProcessor(h, w int) *Processor {
	p := clipDefaults()
	p.Height, p.Width, p.ShortestEdge = h, w, 0
	p.DoCenterCrop, p.CropHeight, p.CropWidth = false, 0, 0
	p.DoNormalize = false
	return p
}

// ShortEdgeProcessor returns a processor that resizes the shorter edge to n pixels (bicubic), keeps
// the aspect ratio, and rescales to 0…1, as the preprocessor_config.json of RADIO's
// repositories does.
func ShortEdgeProcessor(n int) *Processor {
	p := SquareProcessor(0, 0)
	p.ShortestEdge = n
	return p
}

// clipDefaults are the class attributes of transformers' CLIPImageProcessorPil. They are the
// defaults for fields that a preprocessor_config.json lacks.
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

// Size returns the height and width after Process, for an image of h x w pixels.
func (p *Processor) Size(h, w int) (oh, ow int) {
	if p.DoCenterCrop {
		return p.CropHeight, p.CropWidth
	}
	return p.resized(h, w)
}

// resized returns the size after the resize step. The longer edge is Python's
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

// edges returns the edges after the resize step, the longer one first.
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

// proportion returns Python's int(edge * of / to).
func proportion(edge, of, to int) int {
	if to < 1 {
		return 0
	}
	return int(float64(int64(edge)*int64(of)) / float64(to))
}

// Process resizes and crops img to (Size(img.H, img.W), 3), bytes of 0…255. Pixels converts the
// result to float32. img is not changed. If img already has that size, the result shares its
// colours.
func (p *Processor) Process(img *RGB) (*RGB, error) {
	if err := img.check(); err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	if p.ConvertRGB {
		img = img.OnWhite()
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

// Pixels rescales and normalises img, a result of Process, and writes it to dst as planes
// (3, H, W). It rounds as transformers' NumPy code does. Rescaling multiplies in float64 and
// rounds once to float32 (image_transforms.rescale). With a factor of 1/255 this equals
// float32(v)/255 for every byte. Normalising computes in float32 (image_transforms.normalize).
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

// CheckPixels returns the error that Pixels would return for img.
func (p *Processor) CheckPixels(img *RGB) error {
	if err := img.check(); err != nil {
		return fmt.Errorf("pixels: %w", err)
	}
	if err := p.check(); err != nil {
		return fmt.Errorf("pixels: %w", err)
	}
	if img.Alpha != nil {
		return fmt.Errorf("pixels: the image has an alpha plane; call Process first")
	}
	return nil
}

// Levels are what Pixels makes of the bytes of an image: 256 values for each of the three channels.
func (p *Processor) Levels() []float32 {
	all := make([]float32, 0, 3*256)
	for c := range 3 {
		levels := p.levels(c)
		all = append(all, levels[:]...)
	}
	return all
}

// levels returns the results for each of the 256 values of a byte of channel c.
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
