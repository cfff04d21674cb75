package png

import (
	"encoding/binary"
	"iter"
)

// Signature starts every PNG file.
const Signature = "\x89PNG\r\n\x1a\n"

// chunks walks a file's chunks, up to the first that is cut off. The decoder checks the sums.
func chunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		data = data[min(len(data), len(Signature)):]
		for len(data) >= 12 {
			n := uint64(binary.BigEndian.Uint32(data))
			if n > uint64(len(data)-12) || !yield(string(data[4:8]), data[8:8+n]) {
				return
			}
			data = data[12+n:]
		}
	}
}

// Meta finds the file's EXIF and XMP blocks, nil where there are none.
func Meta(data []byte) (exif, xmp []byte) {
	const keyword = "XML:com.adobe.xmp\x00"
	for id, chunk := range chunks(data) {
		switch {
		case id == "eXIf":
			exif = chunk
		case id == "iTXt" && len(chunk) > len(keyword) && string(chunk[:len(keyword)]) == keyword:
			if chunk[len(keyword)] == 0 { // not compressed
				xmp = chunk[len(keyword):]
			}
		}
	}
	return exif, xmp
}
