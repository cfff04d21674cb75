package tiff

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cradio/radio/image/internal/raster"
)

// file is a little-endian TIFF of 2 x 2 grey bytes, with fields changed. Each holds one short.
func file(fields map[uint16]uint16) []byte {
	all := map[uint16]uint16{tagWidth: 2, tagHeight: 2, tagBits: 8, tagCompression: compressNone, tagPhotometric: minisBlack, tagStripOffsets: 8, tagStripBytes: 4}
	maps.Copy(all, fields)
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("II*\x00"), 12)
	b = append(b, 1, 2, 3, 4)
	b = le.AppendUint16(b, uint16(len(all)))
	for _, tag := range slices.Sorted(maps.Keys(all)) {
		b = le.AppendUint16(le.AppendUint16(b, tag), 3)
		b = le.AppendUint32(le.AppendUint32(b, 1), uint32(all[tag]))
	}
	return le.AppendUint32(b, 0)
}

// TestLackingIsNamed: what is not read is named in words and with its code, and a command helps.
func TestLackingIsNamed(t *testing.T) {
	img, err := Decode(file(nil), 100)
	require.NoError(t, err)
	require.Equal(t, []uint8{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}, img.Pix)

	for _, c := range []struct {
		fields   map[uint16]uint16
		what, do string
	}{
		{map[uint16]uint16{tagCompression: 50000}, "a TIFF with Zstandard compression (50000)", "tiffcp -c lzw"},
		{map[uint16]uint16{tagCompression: 34925}, "a TIFF with LZMA compression (34925)", "tiffcp"},
		{map[uint16]uint16{tagCompression: 6}, "a TIFF with old-style JPEG compression (6)", "magick"},
		{map[uint16]uint16{tagCompression: 34887}, "a TIFF with LERC compression (34887)", "magick"},
		{map[uint16]uint16{tagCompression: 2}, "a TIFF with CCITT modified Huffman compression (2)", "tiffcp"},
		{map[uint16]uint16{tagCompression: 60001}, "a TIFF with unknown compression (60001)", "tiffcp"},
		{map[uint16]uint16{tagCompression: 3, tagBits: 1, tagT4Options: 1}, "two-dimensional CCITT group 3 fax compression (3)", "tiffcp"},
		{map[uint16]uint16{tagCompression: 3, tagBits: 1, tagT4Options: 4}, "CCITT group 3 fax compression (3) and fill bits", "tiffcp"},
		{map[uint16]uint16{tagBits: 32, tagSampleFormat: 3}, "a TIFF with 32-bit float samples", "gdal_translate"},
		{map[uint16]uint16{tagBits: 16, tagSampleFormat: 2}, "a TIFF with 16-bit signed samples", "gdal_translate"},
		{map[uint16]uint16{tagBits: 64, tagSampleFormat: 6}, "a TIFF with 64-bit complex samples", "magnitude"},
		{map[uint16]uint16{tagBits: 32}, "a TIFF with 32-bit samples of grey pixels (1)", "gdal_translate"},
		{map[uint16]uint16{tagBits: 12}, "a TIFF with 12-bit samples of grey pixels (1)", "-depth 8"},
		{map[uint16]uint16{tagPhotometric: 6, tagSamples: 3, tagCompression: 5}, "a TIFF with YCbCr pixels (6) and LZW compression (5)", "magick"},
		{map[uint16]uint16{tagPhotometric: 8, tagSamples: 3}, "a TIFF with CIE L*a*b* pixels (8)", "magick"},
		{map[uint16]uint16{tagPhotometric: 32803, tagCompression: 65535}, "a TIFF with raw colour filter array pixels (32803)", "dcraw_emu"},
		{map[uint16]uint16{tagPredictor: 3, tagCompression: 8}, "a TIFF with the floating point predictor (3)", "tiffcp"},
		{map[uint16]uint16{tagPhotometric: 2, tagSamples: 3, tagPlanar: 2, tagBits: 16}, "a TIFF with planes of 3 samples of 16 bits, RGB pixels (2), no compression (1)", "tiffcp -p contig"},
	} {
		_, err := Decode(file(c.fields), 100)
		var lacking *raster.Unsupported
		require.True(t, errors.As(err, &lacking), "%v: %v", c.fields, err)
		require.Contains(t, lacking.What, c.what)
		require.Contains(t, lacking.Do, c.do)
		require.ErrorContains(t, err, "is not supported")
	}
}
