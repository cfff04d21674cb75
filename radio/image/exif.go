package image

import (
	"bytes"
	"regexp"

	"cradio/radio/image/internal/ifd"
)

// orientation returns the orientation, 1 to 8, in a file's EXIF block or, if it has none, in its
// XMP block. It is 1 if neither has one, or if they are malformed.
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

// xmpPattern finds an orientation as Pillow does, without parsing the XML: the first
// tiff:Orientation="6" or <tiff:Orientation>6.
var xmpPattern = regexp.MustCompile(`tiff:Orientation(?:="|>)([0-9])`)

func xmpOrientation(xmp []byte) int {
	found := xmpPattern.FindSubmatch(xmp)
	if found == nil || found[1][0] < '1' || found[1][0] > '8' {
		return 1
	}
	return int(found[1][0] - '0')
}
