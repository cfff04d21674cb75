package pca

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	stdimage "image"
	"image/png"
	"io"

	"cradio/radio/image"
)

// WritePNG writes a picture with a comment, which picture viewers show among
// its properties. The comment is ASCII.
func WritePNG(w io.Writer, img *image.RGB, comment string) error {
	to := stdimage.NewNRGBA(stdimage.Rect(0, 0, img.W, img.H))
	for i := range img.H * img.W {
		copy(to.Pix[4*i:], img.Pix[3*i:3*i+3])
		to.Pix[4*i+3] = 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, to); err != nil {
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

// textChunk is a chunk tEXt, https://www.w3.org/TR/png-3/#11tEXt.
func textChunk(keyword, text string) []byte {
	body := []byte("tEXt" + keyword + "\x00" + text)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
}
