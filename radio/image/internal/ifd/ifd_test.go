package ifd

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// block is a little-endian directory of the entries (tag, type, count, value).
func block(entries ...[4]uint32) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
		b = le.AppendUint32(le.AppendUint32(b, e[2]), e[3])
	}
	return le.AppendUint32(b, 0)
}

func TestRead(t *testing.T) {
	data := block(
		[4]uint32{1, 3, 1, 700},     // one short
		[4]uint32{2, 1, 3, 0x30201}, // three bytes
		[4]uint32{3, 3, 4, 4},       // four shorts, at 4: the offset 8 and the count
		[4]uint32{4, 5, 1, 0},       // a rational
		[4]uint32{5, 4, 1 << 30, 0}, // far too many longs
		[4]uint32{1, 3, 1, 900},     // again
		[4]uint32{6, 4, 0, 0},       // none
	)
	d, err := Read(data)
	require.NoError(t, err)
	require.False(t, d.Cut)

	one, err := d.Uint(1, 5)
	require.NoError(t, err)
	require.Equal(t, 700, one, "the first of two entries")
	bytes, err := d.Uints(2)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, bytes)
	shorts, err := d.Uints(3)
	require.NoError(t, err)
	require.Equal(t, []int{8, 0, 7, 1}, shorts)
	_, err = d.Uints(4)
	require.ErrorContains(t, err, "field 4 has type 5")
	_, err = d.Uints(5)
	require.ErrorContains(t, err, "field 5 lies beyond the end")
	for _, tag := range []uint16{6, 77} {
		missing, err := d.Uint(tag, 42)
		require.NoError(t, err)
		require.Equal(t, 42, missing)
	}

	d, err = Read(data[:8+2+12+5])
	require.NoError(t, err)
	require.True(t, d.Cut)
	require.True(t, d.Has(1))
	require.False(t, d.Has(2))
}

func TestReadRefuses(t *testing.T) {
	for data, want := range map[string]string{
		"":                                 "truncated header",
		"II*\x00":                          "truncated header",
		"AB*\x00\x08\x00\x00\x00":          "want II*",
		"II+\x00\x08\x00\x00\x00":          "BigTIFF",
		"MM\x00*\xff\xff\xff\xff\x00\x00":  "beyond the end",
		"II*\x00\x09\x00\x00\x00\x00\x00 ": "",
	} {
		_, err := Read([]byte(data))
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want, "%q", data)
	}
}

func TestText(t *testing.T) {
	data := append(block(
		[4]uint32{1, 2, 3, 'a' | 'b'<<8},     // "ab", in place
		[4]uint32{2, 2, 6, 8 + 2 + 5*12 + 4}, // "Nikon", after the directory
		[4]uint32{3, 2, 99, 8},               // longer than the file
		[4]uint32{4, 2, 9, 1 << 31},          // beyond it
		[4]uint32{5, 3, 1, 'x'},              // a short
	), "Nikon\x00"...)
	d, err := Read(data)
	require.NoError(t, err)
	for tag, want := range map[uint16]string{1: "ab", 2: "Nikon", 3: "", 4: "", 5: "", 6: ""} {
		require.Equal(t, want, d.Text(tag), "field %d", tag)
	}
}
