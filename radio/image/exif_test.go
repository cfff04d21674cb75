package image

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"cradio/radio/image/internal/raster"
)

// exifBlock is an EXIF block with one field.
func exifBlock(order binary.AppendByteOrder, tag, kind uint16, value uint32) []byte {
	head := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = []byte("MM\x00*")
	}
	b := order.AppendUint32(head, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(order.AppendUint16(b, tag), kind)
	b = order.AppendUint32(b, 1)
	if kind == 3 {
		b = order.AppendUint16(order.AppendUint16(b, uint16(value)), 0)
	} else {
		b = order.AppendUint32(b, value)
	}
	return order.AppendUint32(b, 0)
}

func TestOrientation(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	huge := exifBlock(le, 0x0112, 3, 6)
	le.PutUint32(huge[14:], 1<<31) // a count far beyond the block
	cases := map[string]struct {
		exif, xmp []byte
		want      int
	}{
		"none":             {nil, nil, 1},
		"little endian":    {exifBlock(le, 0x0112, 3, 6), nil, 6},
		"big endian":       {exifBlock(be, 0x0112, 3, 8), nil, 8},
		"long":             {exifBlock(be, 0x0112, 4, 3), nil, 3},
		"prefixed":         {append([]byte("Exif\x00\x00"), exifBlock(le, 0x0112, 3, 5)...), nil, 5},
		"another field":    {exifBlock(le, 0x0100, 3, 6), nil, 1},
		"out of range":     {exifBlock(le, 0x0112, 3, 9), nil, 1},
		"zero":             {exifBlock(le, 0x0112, 3, 0), nil, 1},
		"a rational":       {exifBlock(le, 0x0112, 5, 6), nil, 1},
		"count too large":  {huge, nil, 1},
		"cut":              {exifBlock(le, 0x0112, 3, 6)[:15], nil, 1},
		"directory beyond": {[]byte("II*\x00\xff\xff\xff\xff"), nil, 1},
		"XMP attribute":    {nil, []byte(`<rdf:Description tiff:Orientation="7"/>`), 7},
		"XMP element":      {nil, []byte(`<tiff:Orientation>4</tiff:Orientation>`), 4},
		"XMP nonsense":     {nil, []byte(`tiff:Orientation="`), 1},
		"EXIF before XMP":  {exifBlock(le, 0x0112, 3, 6), []byte(`tiff:Orientation="3"`), 6},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, orientation(c.exif, c.xmp))
		})
	}
}

// TestOrient turns an image of 2 x 3 pixels, whose red is 1 to 6, row by row.
func TestOrient(t *testing.T) {
	want := map[int][]uint8{
		0: {1, 2, 3, 4, 5, 6}, 1: {1, 2, 3, 4, 5, 6}, 9: {1, 2, 3, 4, 5, 6},
		2: {3, 2, 1, 6, 5, 4}, 3: {6, 5, 4, 3, 2, 1}, 4: {4, 5, 6, 1, 2, 3},
		5: {1, 4, 2, 5, 3, 6}, 6: {4, 1, 5, 2, 6, 3}, 7: {6, 3, 5, 2, 4, 1}, 8: {3, 6, 2, 5, 1, 4},
	}
	for o, reds := range want {
		m := &raster.RGB{Pix: make([]uint8, 18), H: 2, W: 3, Alpha: []uint8{1, 2, 3, 4, 5, 6}}
		for i := range 6 {
			m.Set(i, uint8(i+1), 0, 0)
		}
		got := m.Orient(o)
		require.Equal(t, reds, got.Alpha, "orientation %d", o)
		for i, red := range reds {
			require.Equal(t, red, got.Pix[3*i], "orientation %d", o)
		}
		if o >= 5 && o <= 8 {
			require.Equal(t, [2]int{3, 2}, [2]int{got.H, got.W})
		} else {
			require.Equal(t, [2]int{2, 3}, [2]int{got.H, got.W})
		}
	}
}
