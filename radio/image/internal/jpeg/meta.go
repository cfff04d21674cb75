package jpeg

import "bytes"

const (
	exifPrefix = "Exif\x00\x00"
	xmpPrefix  = "http://ns.adobe.com/xap/1.0/\x00"
	markerAPP1 = 0xE1
)

// Meta returns the EXIF and XMP blocks before the first scan, or nil if there are none. An EXIF block
// may span several segments.
func Meta(data []byte) (exif, xmp []byte) {
	d := &decoder{data: data}
	for {
		marker, err := d.nextMarker()
		if err != nil || marker == markerSOS || marker == markerEOI {
			return exif, xmp
		}
		if marker == markerSOI || marker == markerTEM || marker >= markerRST0 && marker <= markerRST7 {
			continue
		}
		segment, err := d.segment()
		if err != nil {
			return exif, xmp
		}
		if marker != markerAPP1 {
			continue
		}
		if block, ok := bytes.CutPrefix(segment, []byte(exifPrefix)); ok {
			exif = append(exif, block...)
		} else if block, ok := bytes.CutPrefix(segment, []byte(xmpPrefix)); ok {
			xmp = block
		}
	}
}
