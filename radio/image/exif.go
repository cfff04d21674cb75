package image

import (
	"bytes"
	"regexp"

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

// xmpPattern is how Pillow finds an orientation: as tiff:Orientation="6" or <tiff:Orientation>6,
// the first of them, without parsing the XML.
var xmpPattern = regexp.MustCompile(`tiff:Orientation(?:="|>)([0-9])`)

func xmpOrientation(xmp []byte) int {
	found := xmpPattern.FindSubmatch(xmp)
	if found == nil || found[1][0] < '1' || found[1][0] > '8' {
		return 1
	}
	return int(found[1][0] - '0')
}
