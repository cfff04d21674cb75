package image

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func readPicture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/pictures", name))
	require.NoError(t, err)
	return data
}

func TestDecodeRefusesWhatIsNoPicture(t *testing.T) {
	cases := map[string]struct {
		data []byte
		want string
	}{
		"0 bytes":      {nil, "an empty file"},
		"text":         {[]byte("Dear model,\nthis is a letter.\n"), `text that begins with "Dear model,"`},
		"one byte":     {[]byte{0xFF}, `an unknown kind that begins with "\xff"`},
		"HEIC":         {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "a HEIC image (HEIF)"},
		"BigTIFF":      {[]byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"), "a BigTIFF (64-bit offsets)"},
		"JPEG start":   {[]byte("\xff\xd8\xff"), "JPEG: the file is truncated"},
		"PNG start":    {[]byte("\x89PNG\r\n\x1a\n"), "PNG: no IHDR"},
		"GIF start":    {[]byte("GIF89a"), "GIF: the file is truncated"},
		"BMP start":    {[]byte("BM"), "BMP: the file is truncated"},
		"TIFF start":   {[]byte("II*\x00"), "TIFF: truncated"},
		"WebP start":   {[]byte("RIFF\x04\x00\x00\x00WEBP"), "WebP: no chunks"},
		"JPEG, no SOF": {[]byte("\xff\xd8\xff\xd9"), "JPEG: no frame header"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			img, err := Decode(c.data, DecodeOptions{})
			require.ErrorContains(t, err, c.want)
			require.Nil(t, img)
		})
	}
}

// TestDecodeRefusesTruncatedFiles truncates every kind of file at many places. No file may panic or use
// much memory. A file without half of its pixels must be an error.
func TestDecodeRefusesTruncatedFiles(t *testing.T) {
	for _, name := range []string{
		"jpeg-420.jpg", "jpeg-420-progressive.jpg", "jpeg-restart.jpg", "jpeg-cmyk.jpg", "png-type2-8bit.png", "png-type3-4bit.png",
		"gif-64.gif", "gif-interlaced.gif", "bmp-24bit.bmp", "bmp-8bit.bmp", "bmp-rle8.bmp", "tiff-rgb-tiled.tif", "tiff-tiff_lzw.tif",
		"tiff-jpeg.tif", "webp-lossy-33x21.webp", "webp-lossless.webp", "webp-lossy-alpha.webp", "webp-animated.webp",
	} {
		t.Run(name, func(t *testing.T) {
			data := readPicture(t, name)
			for cut := range data {
				img, err := Decode(data[:cut], DecodeOptions{})
				if cut <= len(data)/2 {
					require.Error(t, err, "the first %d of %d bytes", cut, len(data))
				}
				require.True(t, (img == nil) == (err != nil))
			}
		})
	}
}

func TestTruncationIsNamed(t *testing.T) {
	for _, name := range []string{"jpeg-420.jpg", "jpeg-420-progressive.jpg", "png-type2-8bit.png", "gif-64.gif", "bmp-24bit.bmp", "tiff-rgb-planar.tif", "webp-lossy-33x21.webp"} {
		data := readPicture(t, name)
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, data[:len(data)*3/4], 0o600))
		_, err := DecodeFile(path, DecodeOptions{})
		require.ErrorContains(t, err, "truncated", name)
		require.ErrorContains(t, err, path)
	}
}

// TestDecodeRefusesBombs patches headers to claim 30000 x 30000 pixels. They must be an error for that
// reason, with almost no memory allocated.
func TestDecodeRefusesBombs(t *testing.T) {
	const side = 30000
	be32, le32, be16, le16 := binary.BigEndian.AppendUint32, binary.LittleEndian.AppendUint32, binary.BigEndian.AppendUint16, binary.LittleEndian.AppendUint16
	patch := func(name string, at int, with ...byte) []byte {
		data := readPicture(t, name)
		copy(data[at:], with)
		return data
	}
	sof := func(name string, marker byte) []byte {
		data := readPicture(t, name)
		at := bytes.Index(data, []byte{0xFF, marker})
		copy(data[at+5:], be16(be16(nil, side), side))
		return data
	}
	tiff := func() []byte {
		data := readPicture(t, "tiff-rgb-tiled.tif")
		at := bytes.Index(data, []byte{0, 1, 3, 0, 1, 0, 0, 0}) // field 256, one short
		copy(data[at+8:], le16(nil, side))
		copy(data[at+12+8:], le16(nil, side))
		return data
	}
	canvas := append(le32(nil, side-1)[:3:3], le32(nil, side-1)[:3]...)
	vp8l := le32(nil, (16384-1)|(16384-1)<<14)
	bombs := map[string][]byte{
		"JPEG":             sof("jpeg-420.jpg", 0xC0),
		"progressive JPEG": sof("jpeg-420-progressive.jpg", 0xC2),
		"PNG":              patch("png-type2-8bit.png", 16, be32(be32(nil, side), side)...),
		"GIF":              patch("gif-64.gif", 6, le16(le16(nil, side), side)...),
		"BMP":              patch("bmp-24bit.bmp", 18, le32(le32(nil, side), side)...),
		"RLE BMP":          patch("bmp-rle8.bmp", 18, le32(le32(nil, side), side)...),
		"TIFF":             tiff(),
		"lossy WebP":       patch("webp-lossy-33x21.webp", 26, le16(le16(nil, 16383), 16383)...),
		"lossless WebP":    patch("webp-lossless.webp", 21, vp8l...),
		"WebP canvas":      patch("webp-animated.webp", 24, canvas...),
	}
	for name, data := range bombs {
		t.Run(name, func(t *testing.T) {
			result := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				_, err := Decode(data, DecodeOptions{})
				require.ErrorContains(b, err, "more than the limit of 178956970 pixels")
				require.ErrorContains(b, err, "MaxPixels")
			})
			require.Less(t, result.AllocedBytesPerOp(), int64(1<<20))
		})
	}
}

// TestDecodeRefusesEmptyPromises: headers are within the limit, but files are far too short.
func TestDecodeRefusesEmptyPromises(t *testing.T) {
	data := readPicture(t, "jpeg-420.jpg")
	at := bytes.Index(data, []byte{0xFF, 0xC0})
	copy(data[at+5:], []byte{0x30, 0, 0x30, 0}) // 12288 x 12288
	_, err := Decode(data, DecodeOptions{})
	require.ErrorContains(t, err, "bytes cannot hold 12288 x 12288 pixels")

	data = readPicture(t, "png-type2-8bit.png")
	copy(data[16:], []byte{0, 0, 0x30, 0, 0, 0, 0x30, 0})
	_, err = Decode(data, DecodeOptions{})
	require.ErrorContains(t, err, "bytes cannot hold 12288 x 12288 pixels")
}

func TestMaxPixels(t *testing.T) {
	data := readPicture(t, "jpeg-420.jpg") // 33 x 21
	_, err := Decode(data, DecodeOptions{MaxPixels: 33 * 21})
	require.NoError(t, err, "the limit itself is allowed")
	_, err = Decode(data, DecodeOptions{MaxPixels: 33*21 - 1})
	require.ErrorContains(t, err, "33 x 21 pixels (width x height), more than the limit of 692 pixels")
	_, err = Decode(data, DecodeOptions{MaxPixels: -1})
	require.ErrorContains(t, err, "MaxPixels is -1")
}

func TestDecodeFileNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	letter := filepath.Join(dir, "letter.jpg")
	require.NoError(t, os.WriteFile(letter, []byte("not a photo"), 0o600))
	empty := filepath.Join(dir, "empty.png")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for path, want := range map[string]string{
		letter: `text that begins with "not a photo"`, empty: "an empty file", dir: "is a folder", filepath.Join(dir, "none.png"): "no such file",
	} {
		_, err := DecodeFile(path, DecodeOptions{})
		require.Error(t, err)
		require.ErrorContains(t, err, path)
		if want != "no such file" { // the operating system's words
			require.ErrorContains(t, err, want)
		}
	}
}

// TestDecodeRefusesDamagedJPEG damages entropy-coded data, markers and tables. libjpeg would show
// grey or garbage and go on.
func TestDecodeRefusesDamagedJPEG(t *testing.T) {
	plain := readPicture(t, "jpeg-restart.jpg")
	at := func(marker byte) int { return bytes.Index(plain, []byte{0xFF, marker}) }
	cases := map[string]struct {
		at   int
		with []byte
		want string
	}{
		"wrong restart marker": {at(0xD0), []byte{0xFF, 0xD5}, "want restart marker D0"},
		"early end":            {at(0xD0), []byte{0xFF, 0xD9}, "want restart marker D0"},
		"two components":       {at(0xC0) + 9, []byte{2}, "does not match its components"},
		"12 bits":              {at(0xC0) + 4, []byte{12}, "a 12-bit JPEG"},
		"sampling 0":           {at(0xC0) + 11, []byte{0}, "sampling 0 x 0"},
		"lossless":             {at(0xC0), []byte{0xFF, 0xC3}, "a lossless JPEG (SOF3)"},
		"unknown component":    {at(0xDA) + 5, []byte{9}, "component 9"},
		"spectral selection":   {at(0xDA) + 11, []byte{1}, "coefficients 1 to 63"},
		"quantisation table":   {at(0xDB) + 4, []byte{7}, "quantisation table 7"},
		"Huffman table":        {at(0xC4) + 5, bytes.Repeat([]byte{255}, 16), "Huffman table"},
		"too many short codes": {at(0xC4) + 5, []byte{3, 0, 0, 0, 0, 0, 0, 0}, "Huffman table has more codes of 1 bits"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(plain)
			copy(data[c.at:], c.with)
			_, err := Decode(data, DecodeOptions{})
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestPanicsBecomeErrors(t *testing.T) {
	broken := format{name: "X", decode: nil}
	img, err := broken.safely([]byte("x"), 1)
	require.Nil(t, img)
	require.ErrorContains(t, err, "damaged data")
}
