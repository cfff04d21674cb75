package tiff

import (
	"fmt"

	"cradio/radio/image/internal/ifd"
	"cradio/radio/image/internal/jpeg"
	"cradio/radio/image/internal/raster"
)

// Decode decodes the first image of a TIFF file.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	dir, err := ifd.Read(data)
	if err != nil {
		return nil, err
	}
	if dir.Cut {
		return nil, fmt.Errorf("%w within its directory", errTruncated)
	}
	l, err := readLayout(dir, maxPixels)
	if err != nil {
		return nil, err
	}
	segments, err := l.segments(dir, data, maxPixels)
	if err != nil {
		return nil, err
	}
	out, err := raster.New(l.w, l.h, maxPixels)
	if err != nil {
		return nil, err
	}
	if l.compression == compressJPEG {
		err = l.paintJPEG(out, segments, maxPixels)
	} else {
		err = l.paint(out, segments)
	}
	if err != nil {
		return nil, err
	}
	return out.Orient(l.orientation), nil
}

// paint decompresses samples, except of JPEG. Planar files fill one sample of all pixels at a time.
func (l *layout) paint(out *raster.RGB, segments []segment) error {
	alpha, _ := l.hasAlpha()
	used := l.colors()
	if alpha {
		used++
	}
	if err := l.plausible(segments); err != nil {
		return err
	}
	values := make([]uint8, used*l.w*l.h) // (h, w, used)
	for _, s := range segments {
		raw, err := l.unpack(s)
		if err != nil {
			return fmt.Errorf("strip or tile at (%d, %d): %w", s.x, s.y, err)
		}
		l.readSamples(values, used, raw, s)
	}
	if alpha {
		out.AddAlpha()
	}
	convert := l.converter()
	for i := range l.w * l.h {
		v := values[i*used:][:used]
		r, g, b, a := convert(v)
		out.Set(i, r, g, b)
		if alpha {
			out.Alpha[i] = a
		}
	}
	return nil
}

// plausible returns an error if the file is too short for its pixels. The strongest compression is
// LZW: up to 4096 bytes from 12 bits. CCITT has no such limit, but compresses single bits.
func (l *layout) plausible(segments []segment) error {
	packed := int64(0)
	for _, s := range segments {
		packed += int64(len(s.data))
	}
	if l.bits > 1 && int64(l.w)*int64(l.h) > 4096*packed {
		return fmt.Errorf("%w: %d bytes cannot hold %d x %d pixels (width x height)", errTruncated, packed, l.w, l.h)
	}
	return nil
}

// paintJPEG decodes each strip or tile as a separate JPEG image.
func (l *layout) paintJPEG(out *raster.RGB, segments []segment, maxPixels int64) error {
	if l.planar || l.samples != l.colors() || l.bits != 8 {
		return lacks(doRecompress, "JPEG compression of planes, of extra samples or of %d bits", l.bits)
	}
	space := map[int]jpeg.Space{minisBlack: jpeg.Gray, photoRGB: jpeg.RGB, photoYCbCr: jpeg.YCbCr, photoCMYK: jpeg.CMYK}[l.photometric]
	if space == 0 {
		return lacks(doRecompress, "JPEG compression (7) of %s", l.photometricName())
	}
	for _, s := range segments {
		part, err := jpeg.DecodeAbbreviated(l.jpegTables, s.data, space, maxPixels)
		if err != nil {
			return fmt.Errorf("strip or tile at (%d, %d): JPEG: %w", s.x, s.y, err)
		}
		w, h := min(s.w, l.w-s.x), min(s.h, l.h-s.y)
		if part.W < w || part.H < h {
			return fmt.Errorf("strip or tile at (%d, %d): JPEG of %d x %d pixels (width x height), want %d x %d", s.x, s.y, part.W, part.H, w, h)
		}
		for y := range h {
			copy(out.Pix[3*((s.y+y)*l.w+s.x):][:3*w], part.Pix[3*y*part.W:])
		}
	}
	return nil
}
