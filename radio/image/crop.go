package image

// CenterCrop is CLIPImageProcessor's centre crop to (h, w). A smaller image is padded with zeros.
// If a margin is odd, cropping removes one more pixel at the bottom or right, and padding adds
// one more at the top or left. The result has no alpha. h and w must be positive.
func CenterCrop(img *RGB, h, w int) *RGB {
	top, left := cropOffset(img.H, h), cropOffset(img.W, w)
	out := newRGB(h, w)
	x0, x1 := max(0, -left), min(w, img.W-left) // the columns of out that img covers
	for y := max(0, -top); y < min(h, img.H-top); y++ {
		from, to := (y+top)*img.W+left, y*w
		copy(out.Pix[3*(to+x0):3*(to+x1)], img.Pix[3*(from+x0):])
	}
	return out
}

// cropOffset is the start of the crop in the image. It is negative for padding. It is
// floor((size-crop)/2) in both cases, since transformers pads by ceil((crop-size)/2).
func cropOffset(size, crop int) int {
	return (size - crop) >> 1
}
