package image

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// lenientCase is a file of testdata/lenient.json, with Pillow's result. testdata/make_lenient.py wrote it.
type lenientCase struct {
	Data                 []byte `json:"data"`
	Height, Width        int
	RGB, Alpha, Oriented string
	Refused              string
}

func readLenient(t testing.TB) map[string]lenientCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/lenient.json")
	require.NoError(t, err)
	var file struct {
		Cases map[string]lenientCase `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	return file.Cases
}

// stricter are files that Pillow opens and that are errors here, with the text of the error.
var stricter = map[string]string{
	"png IDAT, a row too few":     "its IDAT chunks hold 88 bytes of pixels",
	"apng, first frame of a part": "first frame is smaller than the image (fcTL)",
	"jpeg, arithmetic marker":     "an arithmetic-coded JPEG (SOF9)",
}

func TestLenientAsPillow(t *testing.T) {
	cases := readLenient(t)
	for _, name := range sortedKeys(cases) {
		want := cases[name]
		t.Run(name, func(t *testing.T) {
			img, err := Decode(want.Data, DecodeOptions{})
			if why := stricter[name]; why != "" {
				require.Empty(t, want.Refused)
				require.ErrorContains(t, err, why)
				return
			}
			if want.Refused != "" {
				require.Error(t, err, "Pillow: %s", want.Refused)
				require.Nil(t, img)
				return
			}
			require.NoError(t, err)
			require.Equal(t, [2]int{want.Height, want.Width}, [2]int{img.H, img.W})
			require.Equal(t, want.RGB, digest(img.Pix), `convert("RGB")`)
			alpha := img.Alpha
			if alpha == nil {
				alpha = bytes.Repeat([]byte{255}, img.H*img.W)
			}
			require.Equal(t, want.Alpha, digest(alpha), `convert("RGBA")`)
			turned, err := Decode(want.Data, DecodeOptions{Orient: true})
			require.NoError(t, err)
			require.Equal(t, want.Oriented, digest(turned.Pix), "exif_transpose")
		})
	}
}

// TestOrientationOfFiles: the orientation without decoding. It is 1 for a file that is not an image.
func TestOrientationOfFiles(t *testing.T) {
	cases := readLenient(t)
	for name, want := range map[string]int{
		"turn 6, eXIf": 6, "turn 8, profile in zTXt at the end": 8, "turn 3, profile in tEXt": 3, "turn 6, profile named APP1": 1,
		"turn 8, XMP, compressed": 8, "turn, eXIf before a profile": 6, "png trailer": 1, "P4": 1,
	} {
		require.Equal(t, want, Orientation(cases[name].Data), name)
	}
	require.Equal(t, 6, Orientation(readPicture(t, "orientation-6.jpg")))
	require.Equal(t, 5, Orientation(readPicture(t, "orientation-5.webp")))
	require.Equal(t, 1, Orientation(readPicture(t, "orientation-5.tif")), "Decode turns TIFF by itself")
	for _, data := range [][]byte{nil, []byte("no image"), []byte("\xff\xd8\xff"), []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x01eXIf")} {
		require.Equal(t, 1, Orientation(data))
	}
}

// TestPNGErrorsNameTheChunk: errors name the chunk, its position, and the problem.
func TestPNGErrorsNameTheChunk(t *testing.T) {
	cases := readLenient(t)
	for name, want := range map[string]string{
		"png tEXt before, wrong checksum": "the checksum of chunk tEXt at byte 33 is wrong",
		"png IHDR, wrong checksum":        "the checksum of chunk IHDR at byte 8 is wrong",
		"png IHDR, RGB of 4 bits":         "chunk IHDR at byte 8 has colour type 2 with 4 bits a sample",
		"png cHRM before, empty":          "chunk cHRM at byte 33 has 0 bytes: want at least 32",
		"png tEXt after, cut off":         "truncated within chunk tEXt at byte",
		"png no chunk":                    "no chunk at byte 33",
		"png IDAT, a byte too few":        "truncated: its IDAT chunks hold 109 bytes",
		"png IDAT, no zlib":               "the IDAT chunks begin with bytes 79 9c",
		"png IDAT, filter 5":              "filter 5: want 0 to 4",
		"png IDAT, wrong sum":             "the checksum at the end of the IDAT chunks' zlib stream is wrong",
		"png IEND first":                  "chunk IEND at byte 33 comes before any IDAT",
		"png PLTE of 771 bytes":           "chunk PLTE at byte 33 holds 257 colours: want at most 256",
		"apng, wrong number":              "chunk fcTL at byte 53 has number 1 in the animation: want 0",
	} {
		_, err := Decode(cases[name].Data, DecodeOptions{})
		require.ErrorContains(t, err, want, name)
	}
}
