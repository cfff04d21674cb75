package data

import (
	"errors"
	"fmt"
	stdimage "image"

	"cradio/loader"
)

// Ignored is the class of pixels that do not count.
const Ignored = 255

// Mask holds the class of each pixel.
type Mask struct {
	H, W int
	Pix  []uint8 // (H, W)
}

// MaskOptions are the options of ReadMask.
type MaskOptions struct {
	Classes int // the number of classes, 1 to 255
	// H and W are the size of the picture, pixels. A mask of another size is an error. 0 accepts any.
	H, W int
	// ZeroIgnored is for masks like those of ADE20K: 0 does not count, and class c is stored as c + 1.
	ZeroIgnored bool
	// Map gives the class of each value or colour in the file. nil means that the value is the class.
	Map *ClassMap
}

// ReadMask reads a mask from a PNG file: of a palette, whose indices are the classes, or
// grey with 8 bits, or with 16 of which 8 are used. Grey may be stored as colour whose channels are equal.
// The value 255 does not count. With a map of colours, any PNG is a mask. With one bit a pixel is 0 or 1; where a map
// has 255 and not 1, as OpenCV reads such files, it is 0 or 255. GIF, BMP and TIFF files will do too.
func ReadMask(path string, opt MaskOptions) (*Mask, error) {
	contents, err := loader.ReadBounded(path, maxTarget)
	if err != nil {
		return nil, err
	}
	return DecodeMask(path, contents, opt)
}

// DecodeMask is ReadMask of the contents of a file. Errors name the path.
func DecodeMask(path string, contents []byte, opt MaskOptions) (*Mask, error) {
	if opt.Classes < 1 || opt.Classes > Ignored {
		return nil, fmt.Errorf("the number of classes is %d: must be 1 to %d", opt.Classes, Ignored)
	}
	if opt.ZeroIgnored && opt.Map != nil {
		return nil, errors.New("masks have a class map, and 0 is to be ignored: leave 0 out of the map instead")
	}
	img, kind, err := decodeTarget(path, contents)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	m := &Mask{H: b.Dy(), W: b.Dx(), Pix: make([]uint8, b.Dy()*b.Dx())}
	if opt.H != 0 && m.H != opt.H || opt.W != 0 && m.W != opt.W {
		return nil, fmt.Errorf("%s: has %d×%d pixels, its picture has %d×%d (width×height): make the mask as large as the picture, by nearest neighbour", path, m.W, m.H, opt.W, opt.H)
	}
	if opt.Map != nil && opt.Map.colours {
		opt.Map.classesOf(img, m.Pix)
		opt.Map = nil
		return m, m.label(path, opt)
	}
	what := "" // of a pixel that is no class
	for y := range m.H {
		row, at := m.Pix[y*m.W:][:m.W], b.Min.Add(stdimage.Pt(0, y))
		switch from := img.(type) {
		case *stdimage.Paletted:
			copy(row, from.Pix[from.PixOffset(at.X, at.Y):])
		case *stdimage.Gray:
			if kind.bits == 1 {
				opt.Map.bits(row, from.Pix[from.PixOffset(at.X, at.Y):])
				continue
			}
			if kind.bits != 8 && kind.bits != 0 {
				return nil, fmt.Errorf("%s: is grey with %d bits: want 8 bits, or a palette; in Python: Image.open(…).convert('L'), and check its values", path, kind.bits)
			}
			copy(row, from.Pix[from.PixOffset(at.X, at.Y):])
		case *stdimage.Gray16:
			for x := range row {
				v := from.Gray16At(at.X+x, at.Y).Y
				if v > Ignored {
					return nil, fmt.Errorf("%s: is %s: the pixel in column %d, row %d has the value %d: must be at most %d", path, kind, x, y, v, Ignored)
				}
				row[x] = uint8(v)
			}
		case *stdimage.RGBA:
			what = greyOf(row, from.Pix[from.PixOffset(at.X, at.Y):])
		case *stdimage.NRGBA:
			what = greyOf(row, from.Pix[from.PixOffset(at.X, at.Y):])
		default:
			return nil, wantClasses(path, kind, "")
		}
		if what != "" {
			return nil, wantClasses(path, kind, what)
		}
	}
	return m, m.label(path, opt)
}

// wantClasses is the error of a PNG that holds no classes, and of one of its pixels if that says more.
func wantClasses(path string, kind pixelKind, pixel string) error {
	return fmt.Errorf("%s: is %s%s: want the class of each pixel, in a PNG with a palette or grey with 8 bits, or a class map of its colours", path, kind, pixel)
}

// greyOf takes classes from opaque pixels whose channels are equal: red, green, blue, alpha. It says what one
// has that is not so.
func greyOf(row, pixels []uint8) string {
	for x := range row {
		p := pixels[4*x:][:4]
		if p[3] != 255 {
			return ", partly transparent"
		}
		if p[0] != p[1] || p[1] != p[2] {
			return fmt.Sprintf(", which has the colour #%02x%02x%02x", p[0], p[1], p[2])
		}
		row[x] = p[0]
	}
	return ""
}

// label turns the values of a file into classes.
func (m *Mask) label(path string, opt MaskOptions) error {
	for i, v := range m.Pix {
		c := v
		switch {
		case opt.Map != nil:
			c = opt.Map.class(int(v))
		case opt.ZeroIgnored && v == 0:
			c = Ignored
		case opt.ZeroIgnored && v != Ignored:
			c = v - 1
		}
		if int(c) >= opt.Classes && c != Ignored {
			return fmt.Errorf("%s: the pixel in column %d, row %d has the value %d, which is class %d: must be 0 to %d, or %d for a pixel that does not count", path, i%m.W, i/m.W, v, c, opt.Classes-1, Ignored)
		}
		m.Pix[i] = c
	}
	return nil
}
