package image

import (
	"bytes"

	"cradio/radio/image/internal/ifd"
)

// orientation is the orientation, 1 to 8, that a file's EXIF block asks for, or where that is
// silent its XMP block; 1 where neither says, or where they are malformed.
func orientation(exif, xmp []byte) int {
	for range 2 { // some writers repeat the prefix
		exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	}
	if dir, err := ifd.Read(exif); err == nil && dir.Has(ifd.Orientation) {
		v, err := dir.Uint(ifd.Orientation, 1)
		if err != nil || v < 1 || v > 8 {
			return 1
		}
		return v
	}
	return xmpOrientation(xmp)
}

// xmpOrientation finds tiff:Orientation="6" or <tiff:Orientation>6, as Pillow does: by pattern,
// without parsing the XML.
func xmpOrientation(xmp []byte) int {
	for _, tag := range []string{`tiff:Orientation="`, `tiff:Orientation>`} {
		if _, after, ok := bytes.Cut(xmp, []byte(tag)); ok && len(after) > 0 && after[0] >= '1' && after[0] <= '8' {
			return int(after[0] - '0')
		}
	}
	return 1
}
