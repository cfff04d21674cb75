package image

import (
	"bytes"
	"fmt"

	"cradio/radio/image/internal/png"
)

// mangled detects images that a transfer has corrupted or wrapped.
func mangled(data []byte) (kind, do string) {
	head := data[:min(len(data), 1024)]
	switch text := bytes.TrimLeft(head, " \t\r\n\"'"); {
	case bytes.HasPrefix(head, []byte("\x89PNG\n\x1a\n")), bytes.HasPrefix(head, []byte("\x89PNG\r\r\n")), bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\r")):
		return "a PNG image with changed line ends, as after a transfer in text mode", "copy it again as binary data"
	case bytes.HasPrefix(head, []byte("\xef\xbf\xbd")):
		return "binary data that a program has converted as UTF-8 text", "its bytes are lost: copy it again as binary data"
	case bytes.HasPrefix(text, []byte("data:image/")):
		return "a data URI, which holds an image as base64 text", "decode what follows its comma: cut -d, -f2- IN | base64 -d > OUT"
	case bytes.HasPrefix(text, []byte("/9j/")), bytes.HasPrefix(text, []byte("iVBORw0KGgo")):
		return "an image written as base64 text", "decode it: base64 -d IN > OUT"
	case bytes.HasPrefix(head, []byte("HTTP/1.")), bytes.HasPrefix(head, []byte("HTTP/2")):
		return "a web server's response with its headers", "save only the body: curl without -i"
	}
	return "", ""
}

// embedded detects an image after extra bytes, such as a byte-order mark, or an empty line that a
// script on a server has printed.
func embedded(data []byte) (kind, do string) {
	head := data[:min(len(data), 1024)]
	for _, f := range []struct{ name, mark string }{{"JPEG", jpegMark}, {"PNG", png.Signature}} {
		if at := bytes.Index(head, []byte(f.mark)); at > 0 {
			return fmt.Sprintf("a %s image after %d extra bytes", f.name, at),
				fmt.Sprintf("remove them: tail -c +%d IN > OUT", at+1)
		}
	}
	return "", ""
}
