package image

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// expected is testdata/expected.json: what Python makes of the test images (testdata/make.py).
type expected struct {
	Decoded map[string]struct {
		Height, Width int
		RGB           string `json:"rgb"`
		Oriented      string `json:"oriented"`
		OnWhite       string `json:"on_white"`
	} `json:"decoded"`
	Resized []struct {
		H, W   int
		To     [2]int
		Filter Filter
		SHA256 string `json:"sha256"`
	} `json:"resized"`
	Pixels []struct {
		H, W   int
		Config json.RawMessage
		Shape  []int
		SHA256 string `json:"sha256"`
	} `json:"pixels"`
}

func readExpected(t testing.TB) (e expected) {
	t.Helper()
	raw, err := os.ReadFile("testdata/expected.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &e))
	return e
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// pattern is make.py's image of the same name.
func pattern(h, w int) *RGB {
	m := newRGB(h, w)
	for y := range h {
		for x := range w {
			for c := range 3 {
				m.Pix[3*(y*w+x)+c] = uint8(x*(3+c) + y*(5-c) + x*y*(c+1)/7 + 90*((x/4+y/3+c)%2))
			}
		}
	}
	return m
}

// refused are images that Pillow reads and this package does not, and why.
var refused = map[string]string{
	"cjpeg-arithmetic.jpg":       "an arithmetic-coded JPEG (SOF9)",
	"cjpeg-unfinished.jpg":       "stop before coefficient 1 is complete",
	"tiffcp-1-g32d.tif":          "two-dimensional CCITT group 3 fax compression (3)",
	"tiffcp-1-g32d-reversed.tif": "two-dimensional CCITT group 3 fax compression (3)",
}

func TestDecodeEveryKindAsPillow(t *testing.T) {
	decoded := readExpected(t).Decoded
	files, err := os.ReadDir("testdata/pictures")
	require.NoError(t, err)
	require.Len(t, decoded, len(files))
	for _, name := range sortedKeys(decoded) {
		want := decoded[name]
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata/pictures", name)
			img, err := DecodeFile(path, DecodeOptions{})
			if why := refused[name]; why != "" {
				require.ErrorContains(t, err, why)
				require.ErrorContains(t, err, path)
				return
			}
			require.NoError(t, err)
			require.Equal(t, [2]int{want.Height, want.Width}, [2]int{img.H, img.W})
			require.Equal(t, want.RGB, digest(img.Pix), `convert("RGB")`)
			require.Equal(t, want.OnWhite, digest(img.OnWhite().Pix), "on white")

			turned, err := DecodeFile(path, DecodeOptions{Orient: true})
			require.NoError(t, err)
			require.Equal(t, want.Oriented, digest(turned.Pix), "exif_transpose")
			require.NoError(t, turned.check())
		})
	}
}

func TestResizeMatchesPillow(t *testing.T) {
	for _, c := range readExpected(t).Resized {
		t.Run(fmt.Sprintf("%dx%d-%dx%d-%s", c.H, c.W, c.To[0], c.To[1], c.Filter), func(t *testing.T) {
			img := pattern(c.H, c.W)
			before := digest(img.Pix)
			out, err := Resize(img, c.To[0], c.To[1], c.Filter)
			require.NoError(t, err)
			require.Equal(t, c.To, [2]int{out.H, out.W})
			require.Equal(t, c.SHA256, digest(out.Pix))
			require.Equal(t, before, digest(img.Pix), "the source is untouched")
		})
	}
}

func TestPixelsMatchTransformers(t *testing.T) {
	for _, c := range readExpected(t).Pixels {
		t.Run(fmt.Sprintf("%dx%d-%s", c.H, c.W, c.Config), func(t *testing.T) {
			p, err := ParseProcessor(c.Config)
			require.NoError(t, err)
			out, err := p.Process(pattern(c.H, c.W))
			require.NoError(t, err)
			require.Equal(t, c.Shape, []int{3, out.H, out.W})
			pixels := make([]float32, len(out.Pix))
			require.NoError(t, p.Pixels(pixels, out))
			raw, err := binary.Append(nil, binary.LittleEndian, pixels)
			require.NoError(t, err)
			require.Equal(t, c.SHA256, digest(raw))
		})
	}
}
