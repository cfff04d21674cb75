package raster

// FromCMYK is Pillow's conversion of ink to light (cmyk2rgb in Convert.c): 255 is full ink.
func FromCMYK(c, m, y, k uint8) (r, g, b uint8) {
	light := uint32(255 - k)
	channel := func(ink uint8) uint8 { return uint8(light - mulDiv255(uint32(ink), light)) }
	return channel(c), channel(m), channel(y)
}

// mulDiv255 is a*b/255, rounded, for bytes.
func mulDiv255(a, b uint32) uint32 {
	t := a*b + 128
	return (t>>8 + t) >> 8
}
