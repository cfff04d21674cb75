package tiff

import (
	"errors"
	"fmt"

	"cradio/radio/image/internal/ifd"
	"cradio/radio/image/internal/raster"
)

var errTruncated = errors.New("the file is truncated")

// segment is a strip or tile: w x h pixels at (x, y). It has all samples or, if planar, one.
type segment struct {
	x, y, w, h int
	plane      int
	data       []byte // compressed
}

// segments returns the strips or tiles. It checks that their bytes are within the file.
func (l *layout) segments(dir *ifd.Directory, data []byte, maxPixels int64) ([]segment, error) {
	f := &fields{dir: dir}
	offsets, counts := f.all(tagStripOffsets), f.all(tagStripBytes)
	w, h := l.w, min(f.one(tagRowsPerStrip, l.h), l.h)
	tiled := dir.Has(tagTileOffsets) && !dir.Has(tagStripOffsets)
	if tiled {
		offsets, counts = f.all(tagTileOffsets), f.all(tagTileBytes)
		w, h = f.one(tagTileWidth, 0), f.one(tagTileHeight, 0)
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := raster.Check(w, h, maxPixels); err != nil {
		return nil, fmt.Errorf("strip or tile: %w", err)
	}
	across, down, planes := (l.w+w-1)/w, (l.h+h-1)/h, 1
	if l.planar {
		planes = l.samples
	}
	if n := across * down * planes; len(offsets) < n {
		return nil, fmt.Errorf("%w: %d strips or tiles, want %d", errTruncated, len(offsets), n)
	}
	list := make([]segment, across*down*planes)
	for i := range list {
		at := i % (across * down)
		s := segment{x: at % across * w, y: at / across * h, w: w, h: h, plane: i / (across * down)}
		if !tiled {
			s.h = min(h, l.h-s.y) // the last strip may be shorter; tiles never are
		}
		size := l.rowBytes(w) * s.h
		if l.compression != compressNone {
			if i >= len(counts) {
				return nil, fmt.Errorf("%d byte counts for %d strips or tiles", len(counts), len(list))
			}
			size = counts[i]
		}
		if offsets[i] > len(data) || size > len(data)-offsets[i] {
			return nil, fmt.Errorf("%w: strip or tile %d takes %d bytes at %d, the file has %d", errTruncated, i, size, offsets[i], len(data))
		}
		s.data = data[offsets[i]:][:size]
		list[i] = s
	}
	return list, nil
}

// rowBytes returns the size of one decompressed row of w pixels in a segment.
func (l *layout) rowBytes(w int) int {
	return (w*l.bits*l.perSegment() + 7) / 8
}

// perSegment returns the number of samples per pixel in one segment.
func (l *layout) perSegment() int {
	if l.planar {
		return 1
	}
	return l.samples
}
