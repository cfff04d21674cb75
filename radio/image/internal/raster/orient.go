package raster

// Orient rotates and mirrors the image according to an EXIF orientation, like Pillow's
// exif_transpose. Values other than 2 to 8 leave it unchanged.
func (m *RGB) Orient(orientation int) *RGB {
	w, h := m.W, m.H
	var from func(x, y int) (sx, sy int) // the source of pixel (x, y) of the result
	switch orientation {
	case 2: // mirrored left to right
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3: // rotated by 180 degrees
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4: // mirrored top to bottom
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5: // mirrored along the main diagonal
		from = func(x, y int) (int, int) { return y, x }
	case 6: // rotate clockwise
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7: // mirrored along the other diagonal
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8: // rotate counterclockwise
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return m
	}
	out := &RGB{Pix: make([]uint8, len(m.Pix)), W: w, H: h}
	if orientation >= 5 {
		out.W, out.H = h, w
	}
	if m.Alpha != nil {
		out.Alpha = make([]uint8, len(m.Alpha))
	}
	for y := range out.H {
		for x := range out.W {
			sx, sy := from(x, y)
			to, at := y*out.W+x, sy*w+sx
			out.Set(to, m.Pix[3*at], m.Pix[3*at+1], m.Pix[3*at+2])
			if m.Alpha != nil {
				out.Alpha[to] = m.Alpha[at]
			}
		}
	}
	return out
}
