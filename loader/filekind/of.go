package filekind

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// HeadSize is the number of bytes at the beginning of a file that Describe and Of look at. A tar's signature is at byte 257.
const HeadSize = 1024

// marks are the signatures of kinds of files.
var marks = []struct {
	kind Kind
	at   int
	mark string
}{
	{LFSPointer, 0, "version https://git-lfs"},
	{LFSPointer, 0, "version https://hawser"}, // git-lfs before its first release
	{XetPointer, 0, "# xet version"},
	{AnnexPointer, 0, "/annex/objects/"},
	{TorchLegacy, 0, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."}, // torch.serialization.MAGIC_NUMBER, pickled
	{GGUF, 0, "GGUF"},
	{HDF5, 0, "\x89HDF\r\n\x1a\n"},
	{TFLite, 4, "TFL3"},
	{NumPy, 0, "\x93NUMPY"},
	{Zip, 0, "PK\x03\x04"},
	{Zip, 0, "PK\x05\x06"}, // an empty archive
	{Gzip, 0, "\x1f\x8b"},
	{Zstandard, 0, "\x28\xb5\x2f\xfd"},
	{XZ, 0, "\xfd7zXZ\x00"},
	{Bzip2, 0, "BZh"},
	{SevenZip, 0, "7z\xbc\xaf\x27\x1c"},
	{Tar, 257, "ustar"},
	{PDF, 0, "%PDF-"},
	{Parquet, 0, "PAR1"},
	{AppleDouble, 0, "\x00\x05\x16\x07"},
	{PNG, 0, "\x89PNG\r\n\x1a\n"},
	{JPEG, 0, "\xff\xd8\xff"},
	{GIF, 0, "GIF87a"},
	{GIF, 0, "GIF89a"},
	{WebP, 8, "WEBP"},
	{TIFF, 0, "II*\x00"},
	{TIFF, 0, "MM\x00*"},
	{TIFF, 0, "II+\x00"}, // BigTIFF
	{TIFF, 0, "MM\x00+"},
	{JPEG2000, 0, "\x00\x00\x00\x0cjP  "},
	{JPEG2000, 0, "\xff\x4f\xff\x51"},
	{JPEGXL, 0, "\x00\x00\x00\x0cJXL "},
	{JPEGXL, 0, "\xff\x0a"},
	{Video, 0, "\x1a\x45\xdf\xa3"}, // Matroska, WebM
	{Video, 8, "AVI "},
	{Program, 0, "\x7fELF"},
	{Program, 0, "\xcf\xfa\xed\xfe"},
}

// Of returns what a file that begins with head seems to be. Give it the first HeadSize bytes, or the whole file if it is
// shorter.
func Of(head []byte) Kind {
	head = head[:min(len(head), HeadSize)]
	switch {
	case len(head) == 0:
		return Empty
	case isSafetensors(head): // before the marks: a length may look like one, 2815 like JPEG XL and 35615 like gzip
		return Safetensors
	}
	for _, m := range marks {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			if m.kind == Zip {
				return zipOf(head)
			}
			return m.kind
		}
	}
	switch {
	case len(bytes.Trim(head, "\x00")) == 0:
		return Zeros
	case len(head) > 11 && string(head[4:8]) == "ftyp":
		return mediaOf(string(head[8:12]))
	case isPickle(head):
		return Pickle
	case isBMP(head):
		return BMP
	case isProtocolBuffer(head):
		return ONNX
	}
	return textOf(head)
}

// zipOf distinguishes archives by the name of their first file.
func zipOf(head []byte) Kind {
	const fixed = 30 // bytes of a local file header in front of the name
	if len(head) < fixed {
		return Zip
	}
	name := head[fixed:min(len(head), fixed+int(binary.LittleEndian.Uint16(head[26:])))]
	switch {
	case bytes.HasSuffix(name, []byte("/data.pkl")), bytes.HasSuffix(name, []byte("/.format_version")),
		bytes.HasSuffix(name, []byte("/byteorder")):
		return TorchZip
	case bytes.HasSuffix(name, []byte(".npy")):
		return NumPyZip
	}
	return Zip
}

// mediaOf distinguishes ISO base media files by their brand.
func mediaOf(brand string) Kind {
	switch brand {
	case "avif", "avis":
		return AVIF
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
		return HEIF
	}
	return Video
}

// isSafetensors: 8 bytes with a possible length of a header, then JSON, perhaps after spaces.
func isSafetensors(head []byte) bool {
	const most = 100_000_000
	if len(head) < 9 {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n <= most && bytes.HasPrefix(bytes.TrimLeft(head[8:], " \t\r\n"), []byte("{"))
}

// isPickle recognises protocols 2 to 5 by their first two bytes, and 0 and 1 by the beginning of a dictionary or list.
func isPickle(head []byte) bool {
	if len(head) >= 3 && head[0] == 0x80 && head[1] <= 5 {
		return bytes.IndexByte([]byte("\x95()]}cNIJKMLGXUVSBC\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x96"), head[2]) >= 0
	}
	for _, mark := range []string{"(dp0\n", "(dp1\n", "(lp0\n", "(lp1\n", "}q\x00", "]q\x00", "}q\x01", "]q\x01", "ccopy_reg\n",
		"ccollections\n", "cnumpy"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return false
}

// isBMP: the signature, and the size of the second header.
func isBMP(head []byte) bool {
	if len(head) < 18 || string(head[:2]) != "BM" {
		return false
	}
	n := binary.LittleEndian.Uint32(head[14:])
	return n >= 12 && n <= 124
}

// isProtocolBuffer recognises the beginning of an ONNX model: field 1, a small number (its version); then a text (its
// producer), or the graph.
func isProtocolBuffer(head []byte) bool {
	if len(head) < 8 || head[0] != 0x08 || head[1] == 0 || head[1] > 64 {
		return false
	}
	switch rest := head[2:]; rest[0] {
	case 0x12: // field 2, a text
		n := int(rest[1])
		return n < 128 && len(rest) >= 2+n && isText(rest[2:2+n])
	case 0x3a: // field 7, a message of a length over 127
		return rest[1]&0x80 != 0
	}
	return false
}

// textOf distinguishes kinds of text.
func textOf(head []byte) Kind {
	if len(head) > 3 && (bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) ||
		bytes.HasPrefix(head, []byte("{\x00")) || bytes.HasPrefix(head, []byte("\x00{"))) {
		return UTF16
	}
	text, marked := bytes.CutPrefix(head, []byte("\xef\xbb\xbf"))
	if !isText(text) {
		return Unknown
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	lower := bytes.ToLower(text)
	starts := func(with ...string) bool {
		for _, w := range with {
			if bytes.HasPrefix(lower, []byte(w)) {
				return true
			}
		}
		return false
	}
	switch {
	case starts("<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title"):
		return HTML
	case starts("<?xml", "<!--", "<!doctype", "<svg", "<error"):
		switch {
		case bytes.Contains(lower, []byte("<html")):
			return HTML
		case bytes.Contains(lower, []byte("<svg")):
			return SVG
		case bytes.Contains(text, []byte("<Error>")):
			return StorageError
		}
		return XML
	case marked:
		return TextWithBOM
	case len(text) == 0:
		return Text
	case looksJSON(text):
		return JSON
	}
	return Text
}

// looksJSON: an object or a list, by its first two characters.
func looksJSON(text []byte) bool {
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	switch {
	case text[0] == '{':
		return len(rest) == 0 || rest[0] == '"' || rest[0] == '}'
	case text[0] == '[':
		return len(rest) == 0 || bytes.IndexByte([]byte(`"{[]-0123456789tfn`), rest[0]) >= 0
	}
	return false
}

// isText: UTF-8 without control characters. The last character may be incomplete, where head ends.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && !utf8.FullRune(head)
		}
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' && r != '\f' {
			return false
		}
		head = head[n:]
	}
	return true
}

// begin returns the first words of a text, escaped.
func begin(head []byte) string {
	const most = 40
	text := bytes.TrimLeft(head, " \t\r\n")
	if line, _, cut := bytes.Cut(text, []byte("\n")); cut {
		text = line
	}
	if len(text) > most {
		return strconv.Quote(string(bytes.ToValidUTF8(text[:most], nil))) + "…"
	}
	return strconv.Quote(string(text))
}
