package image

// RGB is a decoded image: Pix holds (H, W, 3) bytes, red first.
//
// Alpha is (H, W), or nil for an image without transparency. Pix is never premultiplied, so Pix
// equals Pillow's convert("RGB"). Processor.Process composites the image on white, as
// CLIPImageProcessor does. Set Alpha to nil to ignore transparency.
type RGB struct {
	Pix   []uint8
	H, W  int
	Alpha []uint8

	// Whole is the full height and width, if the image was decoded at a reduced size
	// (DecodeOptions.Draft). It is zero otherwise.
	Whole [2]int
}

func newRGB(h, w int) *RGB { return &RGB{Pix: make([]uint8, 3*h*w), H: h, W: w} }

// OnWhite composites the image on white, as Process does, with Pillow's alpha_composite arithmetic (AlphaComposite.c):
// 8.7 fixed point, rounded division by 255. The result is opaque.
func (m *RGB) OnWhite() *RGB {
	if m.Alpha == nil {
		return m
	}
	const bits = 7
	out := newRGB(m.H, m.W)
	for i, a := range m.Alpha {
		// The background is opaque, so the result's alpha is 255 and the blend weights sum to 255.
		src := uint32(a) << bits
		white := 255 * (255<<bits - src)
		for c := 3 * i; c < 3*i+3; c++ {
			v := uint32(m.Pix[c])*src + white + 0x80<<bits
			out.Pix[c] = uint8((v>>8 + v) >> 8 >> bits)
		}
	}
	return out
}
