package pnm

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"cradio/radio/image/internal/raster"
)

// What Pillow makes of whole files is compared in radio/image's TestLenientAsPillow.

func TestMatch(t *testing.T) {
	for data, want := range map[string]bool{
		"P1\n1 1\n": true, "P6 #c": true, "P5 ": true, "P7\nWIDTH": true, "Pf\n": true, "PF 1": true, "P3\r\n\t2": true,
		"": false, "P": false, "P5": false, "P0\n": false, "P8\n": false, "P1 problem": false, "P5x": false, "p5 1": false,
	} {
		require.Equal(t, want, Match([]byte(data)), "%q", data)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for data, want := range map[string]string{
		"P5\n3":                   "truncated within its header: the height is missing",
		"P5\n3 2\n":               "the maximum is missing",
		"P5\n3 2x\n255\n":         `height in the header: "2x" is not a number`,
		"P5\n3 2\n0\n":            "maximum of 0 in the header: want 1 to 65535",
		"P5\n99999 99999\n255\n":  "more than the limit of 1000 pixels",
		"P5\n30 30\n255\nabc":     "truncated: 3 bytes of pixels, want at least 900",
		"P6\n30 30\n65535\nabc":   "want at least 5400",
		"P4\n30 30\nabc":          "want at least 120",
		"P3\n2 1\n255\n1 2 3 4 5": "pixels, want at least 11",
		"P2\n2 1\n9\n10 1":        "pixel 0 of 2: damaged data: 10 is above the maximum of 9",
		"P2\n2 1\n9\n1    ":       "pixel 1 of 2: the file is truncated",
		"P1\n2 1\n0x":             "damaged data: 'x' among the bits",
		"P1\n2 1\n0 \n":           "truncated: 1 bits, want 2",
	} {
		img, err := Decode([]byte(data), 1000)
		require.ErrorContains(t, err, want, "%q", data)
		require.Nil(t, img)
	}
	var lacking *raster.Unsupported
	for _, data := range []string{"P7\nWIDTH 1\n", "Pf\n1 1\n1\n", "PF\n1 1\n1\n"} {
		_, err := Decode([]byte(data), 1000)
		require.True(t, errors.As(err, &lacking), "%q", data)
	}
}

// FuzzDecode: any bytes give an image within the limit, or an error.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"P1\n3 2\n010101", "P1 #c\n2 1\n0#c\n1", "P2\n2 2\n15\n1 2 3 15", "P3\n1 1\n255\n1 2 3", "P4\n9 1\n\xff\x80", "P5\n2 1\n255\nab",
		"P5\n1 1\n1000\n\x01\x02", "P6\n1 1\n255\nabc", "P6\n1 1\n65535\nabcdef", "P7\nWIDTH 1", "Pf\n1 1\n-1\n", "P5\n4294967295 4294967295\n1\n",
	} {
		f.Add([]byte(seed))
	}
	const limit = 1 << 12
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(data, limit)
		if err != nil {
			require.Nil(t, img)
			return
		}
		require.LessOrEqual(t, img.W*img.H, limit)
		require.Len(t, img.Pix, 3*img.W*img.H)
		require.Nil(t, img.Alpha)
	})
}
