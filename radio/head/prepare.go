package head

import (
	"fmt"

	"cradio/radio"
)

// Prepare makes an encoder prepare pictures as those were that the head was trained on: their size, EXIF orientation,
// transparency, decoding and processor.
func (h *Head) Prepare(e *radio.Encoder) (err error) {
	p := h.spec.Picture
	if p == nil {
		return fmt.Errorf("%s: does not say how images are resized: field picture of %s", h, DescriptionFile)
	}
	if e.Size, err = radio.ParseSize(p.Size); err != nil {
		return err
	}
	processor := *e.Processor
	if p.Processor != nil {
		processor = *p.Processor.Processor
	}
	processor.ConvertRGB = p.Alpha != AlphaDrop
	e.Processor, e.Decode.Orient, e.FastDecode = &processor, p.Orient, p.FastDecode
	return nil
}
