package data_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	stdimage "image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// otherMasks are masks with the values 0, 2, 1 in files that are no PNG, by the format.
func otherMasks(t testing.TB) map[string]string {
	box := stdimage.Rect(0, 0, 3, 1)
	palette := stdimage.NewPaletted(box, color.Palette{color.Black, color.White, color.Gray{7}})
	grey := stdimage.NewGray(box)
	copy(palette.Pix, []uint8{0, 2, 1})
	copy(grey.Pix, palette.Pix)
	files := map[string]string{}
	write := func(name string, encode func(b *bytes.Buffer) error) {
		var b bytes.Buffer
		require.NoError(t, encode(&b))
		files[name] = b.String()
	}
	write("palette.gif", func(b *bytes.Buffer) error { return gif.Encode(b, palette, nil) })
	write("palette.bmp", func(b *bytes.Buffer) error { return bmp.Encode(b, palette) })
	write("grey.bmp", func(b *bytes.Buffer) error { return bmp.Encode(b, grey) })
	write("palette.tiff", func(b *bytes.Buffer) error { return tiff.Encode(b, palette, nil) })
	write("grey.tif", func(b *bytes.Buffer) error {
		return tiff.Encode(b, grey, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
	})
	return files
}

// bits is a PNG of one row whose pixels have one bit: Go writes none.
func bits(pixels byte) string {
	var b bytes.Buffer
	chunk := func(name, content string) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(content)))
		b.WriteString(name + content)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE([]byte(name+content)))
	}
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk("IHDR", "\x00\x00\x00\x03\x00\x00\x00\x01\x01\x00\x00\x00\x00")
	adler := 1 + uint32(pixels)
	stored := []byte{0x78, 0x01, 1, 2, 0, 0xfd, 0xff, 0, pixels}
	chunk("IDAT", string(binary.BigEndian.AppendUint32(stored, (adler+1)<<16|adler)))
	chunk("IEND", "")
	return b.String()
}

func TestMaskFormats(t *testing.T) {
	files := otherMasks(t)
	files["bits.png"] = bits(0b01000000)
	dir := tree(t, files)
	for name := range files {
		want := []uint8{0, 2, 1}
		if name == "bits.png" {
			want = []uint8{0, 1, 0}
		}
		m, err := data.ReadMask(filepath.Join(dir, name), data.MaskOptions{Classes: 3, H: 1, W: 3})
		require.NoError(t, err, name)
		require.Equal(t, want, m.Pix, name)
	}
	for text, want := range map[string][]uint8{"0:1,255:0": {1, 0, 1}, "0:1,1:0": {1, 0, 1}, "0:1,1:0,255:2": {1, 0, 1}, "255:1": {255, 1, 255}} {
		classes, err := data.ParseClassMap(text)
		require.NoError(t, err)
		m, err := data.ReadMask(filepath.Join(dir, "bits.png"), data.MaskOptions{Classes: 3, Map: classes})
		require.NoError(t, err)
		require.Equal(t, want, m.Pix, text)
	}
	_, err := data.DecodeMask("x.gif", []byte(files["palette.gif"][:20]), data.MaskOptions{Classes: 3})
	require.ErrorContains(t, err, "x.gif: is a GIF: ")
	_, err = data.DecodeMask("x.jpg", []byte("\xff\xd8\xff"), data.MaskOptions{Classes: 3})
	require.ErrorContains(t, err, "x.jpg: want a PNG file, or a GIF, BMP or TIFF")
}

func TestDepthOfTIFF(t *testing.T) {
	img := stdimage.NewGray16(stdimage.Rect(0, 0, 2, 1))
	img.SetGray16(1, 0, color.Gray16{Y: 2500})
	var b bytes.Buffer
	require.NoError(t, tiff.Encode(&b, img, nil))
	dir := tree(t, map[string]string{"x.tif": b.String(), "grey.tif": otherMasks(t)["grey.tif"]})
	d, err := data.ReadDepth(filepath.Join(dir, "x.tif"), data.Millimetres, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{0, 2.5}, d.Metres)
	_, err = data.ReadDepth(filepath.Join(dir, "grey.tif"), data.Millimetres, 0, 0)
	require.ErrorContains(t, err, "grey.tif: is a TIFF: want a depth for each pixel")
}

// Masks pair in any of the formats; where some are PNG, the others are something else.
func TestPairsOfFormats(t *testing.T) {
	dir := tree(t, map[string]string{"images/1.jpg": "", "gif/1_mask.gif": "", "gif/2_mask.gif": "", "images/2.jpg": "", "both/1.png": "", "both/1.tif": ""})
	pairs, alone, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "gif"))
	require.NoError(t, err)
	require.Empty(t, alone)
	require.Equal(t, filepath.Join(dir, "gif", "2_mask.gif"), pairs[1].Target)
	pairs, _, err = data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "both"))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "both", "1.png"), pairs[0].Target)
}

func TestTableOfColours(t *testing.T) {
	m, err := data.ParseClassMap("\ufeffname, r, g, b\r\nCar, 64,0,128\r\n\"Sky, blue\",128,128,128\r\n")
	require.NoError(t, err)
	require.Equal(t, "#400080:0,#808080:1", m.String())
	require.Equal(t, []string{"Car", "Sky, blue"}, m.Names())
	for text, want := range map[string]string{
		"name,r,g,b\n":                        "class map: has 0 classes: must be 1 to 255",
		"name,r,g,b\nCar,64,0,256\n":          `class map: line 2: b is "256": must be 0 to 255`,
		"r,g,b,name\n1,2,3,Car\n1,2,3,Road\n": "class map: line 3: the colour #010203 is there twice",
		"name,r,g,b\nCar,64\n":                "class map: record on line 2: wrong number of fields",
	} {
		_, err := data.ParseClassMap(text)
		require.ErrorContains(t, err, want)
	}
}

// TestFloatTargets: of a TIFF of floats it is said what to write instead.
func TestFloatTargets(t *testing.T) {
	entries := [][2]uint32{{256, 1}, {257, 1}, {258, 32}, {259, 1}, {262, 1}, {273, 8}, {277, 1}, {278, 1}, {279, 4}, {339, 3}}
	text := append([]byte("II*\x00"), 12, 0, 0, 0, 0, 0, 0x80, 0x3f, byte(len(entries)), 0)
	for _, e := range entries {
		text = binary.LittleEndian.AppendUint16(text, uint16(e[0]))
		text = append(text, 4, 0, 1, 0, 0, 0)
		text = binary.LittleEndian.AppendUint32(text, e[1])
	}
	path := filepath.Join(t.TempDir(), "x.tiff")
	require.NoError(t, os.WriteFile(path, append(text, 0, 0, 0, 0), 0o644))
	_, err := data.ReadDepth(path, data.Millimetres, 0, 0)
	require.EqualError(t, err, path+": is a TIFF: tiff: unsupported feature: sample format; write it as a PNG instead: classes grey with 8 bits, depths grey with 16, in whole numbers such as millimetres")
}
