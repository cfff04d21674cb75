package png

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Pillow makes of whole files is compared in radio/image's tests.

// chunkBytes is a chunk with its checksum.
func chunkBytes(id string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, id...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func packed(raw []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(raw)
	w.Close()
	return b.Bytes()
}

// small is an image of 3 x 2 pixels, with chunks before its pixels.
func small(before ...[]byte) []byte {
	b := append([]byte(Signature), chunkBytes("IHDR", []byte{0, 0, 0, 3, 0, 0, 0, 2, 8, typeGray, 0, 0, 0})...)
	for _, c := range before {
		b = append(b, c...)
	}
	b = append(b, chunkBytes("IDAT", packed([]byte{0, 1, 2, 3, 2, 4, 5, 6}))...)
	return append(b, chunkBytes("IEND", nil)...)
}

func TestFilters(t *testing.T) {
	above := []byte{10, 20, 30, 40, 250, 60}
	for kind, want := range map[byte][]byte{
		0: {1, 2, 3, 4, 5, 6}, 1: {1, 2, 4, 6, 9, 12}, 2: {11, 22, 33, 44, 255, 66}, 3: {6, 12, 21, 30, 140, 51}, 4: {11, 22, 33, 44, 255, 66},
	} {
		row := []byte{1, 2, 3, 4, 5, 6}
		require.NoError(t, unfilter(kind, row, above, 2))
		require.Equal(t, want, row, "filter %d", kind)
	}
	require.ErrorContains(t, unfilter(5, above, above, 1), "filter 5")
	require.NoError(t, unfilter(4, []byte{1}, []byte{2}, 8), "a row shorter than a pixel's step")
}

// TestTextIsBounded: neither one text nor many may unpack to more than Pillow holds.
func TestTextIsBounded(t *testing.T) {
	text := func(n int) []byte { return chunkBytes("zTXt", append([]byte("k\x00\x00"), packed(make([]byte, n))...)) }
	_, err := Decode(small(text(maxUnpacked)), 100)
	require.NoError(t, err)
	_, err = Decode(small(text(maxUnpacked+1)), 100)
	require.ErrorContains(t, err, "chunk zTXt at byte 33 decompresses to more than 1048576 bytes")
	many := make([][]byte, 65)
	for i := range many {
		many[i] = text(maxUnpacked)
	}
	_, err = Decode(small(many...), 100)
	require.ErrorContains(t, err, "the file has more than 67108864 bytes of decompressed text")
}

// FuzzDecode repairs the checksums of what it changes, so that the changes reach the decoder.
func FuzzDecode(f *testing.F) {
	f.Add(small())
	f.Add(small(chunkBytes("tRNS", []byte{0, 4}), chunkBytes("tEXt", []byte("Raw profile type exif\x00\nexif\n 6\n457869660000\n"))))
	f.Add(small(chunkBytes("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00<tiff:Orientation>6")), chunkBytes("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0})))
	f.Add(append([]byte(Signature), chunkBytes("IHDR", []byte{0, 0, 0, 9, 0, 0, 0, 9, 4, typePalette, 0, 0, 1})...))
	const limit = 1 << 12
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		for at := min(len(Signature), len(data)); ; {
			c, ok := chunkAt(data, at)
			if !ok || c.end() > len(data) {
				break
			}
			binary.BigEndian.PutUint32(data[c.end()-4:], crc32.ChecksumIEEE(data[at+4:c.end()-4]))
			at = c.end()
		}
		Meta(data)
		img, err := Decode(data, limit)
		if err != nil {
			require.Nil(t, img)
			return
		}
		require.LessOrEqual(t, img.W*img.H, limit)
		require.Len(t, img.Pix, 3*img.W*img.H)
		require.Contains(t, []int{0, img.W * img.H}, len(img.Alpha))
	})
}
