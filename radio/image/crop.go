package image

// CenterCrop is CLIPImageProcessor's centre crop to (h, w): zeros surround a picture that is
// smaller. An odd margin leaves its extra pixel at the bottom and right when cutting, and at the
// top and left when padding. Only the colours are cropped. h and w must be positive.
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

// cropOffset is where the crop starts in the picture, negative where it is padded:
// floor((size-crop)/2) for both, since transformers pads by ceil((crop-size)/2).
func cropOffset(size, crop int) int {
	return (size - crop) >> 1
}
