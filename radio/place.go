package radio

// Place is where the point (y, x) of an image of h×w pixels lies in what the model sees,
// in its pixels; the middle of the first pixel is (0.5, 0.5) in both. A point that a crop
// cuts off lies outside.
func (e *Encoder) Place(h, w int, y, x float64) (sy, sx float64, err error) {
	f, err := e.fit(h, w)
	if err != nil {
		return 0, 0, err
	}
	resize := f.processor
	resize.DoCenterCrop = false
	rh, rw := resize.Size(h, w)
	ph, pw := f.processor.Size(h, w)
	along := func(v float64, from, resized, cropped, to int) float64 {
		v *= float64(resized) / float64(from)
		v -= float64((resized - cropped) >> 1) // as image.CenterCrop cuts
		return v * float64(to) / float64(cropped)
	}
	return along(y, h, rh, ph, f.h), along(x, w, rw, pw, f.w), nil
}
