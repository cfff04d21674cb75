package show

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	stdimage "image"
	"image/png"
	"io"
	"strings"
)

// WritePNG writes an image with a comment. Image viewers show it among the properties.
func WritePNG(w io.Writer, img stdimage.Image, comment string) error {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	const header = 8 + 25 // the signature and the chunk IHDR, which comes first
	for _, part := range [][]byte{b.Bytes()[:header], textChunk("Comment", comment), b.Bytes()[header:]} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// textChunk returns a tEXt chunk, or iTXt if the text is not ASCII:
// https://www.w3.org/TR/png-3/#11tEXt and #11iTXt.
func textChunk(keyword, text string) []byte {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
	body := []byte("tEXt" + keyword + "\x00" + text)
	if strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
		body = []byte("iTXt" + keyword + "\x00\x00\x00\x00\x00" + text) // not compressed, no language, no translated keyword
	}
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
}
