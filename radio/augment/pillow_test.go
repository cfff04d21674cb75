package augment_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// pillowCase is a case of testdata/pillow.json.
type pillowCase struct {
	Of, Crop, Size []int
	Flip           bool
	Jitter         [][2]any
	Image, Mask    string // SHA-256 of the bytes
}

func (c pillowCase) params() augment.Params {
	p := augment.Params{Crop: augment.Box{Top: c.Crop[0], Left: c.Crop[1], Height: c.Crop[2], Width: c.Crop[3]}, Size: [2]int(c.Size), Flip: c.Flip}
	for _, j := range c.Jitter {
		p.Jitter = append(p.Jitter, augment.Jitter{Change: augment.Change(j[0].(string)), Factor: j[1].(float64)})
	}
	return p
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

type pillowFile struct {
	Cases   []pillowCase
	Colours map[string]string
}

func pillow(t *testing.T) (f pillowFile) {
	t.Helper()
	text, err := os.ReadFile("testdata/pillow.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &f))
	return f
}

// TestEqualsPillow: random crops, sizes, flips and jitter, of a picture, its mask and a depth map.
func TestEqualsPillow(t *testing.T) {
	photo, err := image.DecodeFile("../../conformance/images/astronaut.png", image.DecodeOptions{})
	require.NoError(t, err)
	photo.Alpha = nil
	cases := pillow(t).Cases
	require.Len(t, cases, 200)
	for i, c := range cases {
		h, w := c.Of[0], c.Of[1]
		picture, err := augment.Params{Crop: augment.Box{Top: 20, Left: 100, Height: h, Width: w}}.Apply(photo)
		require.NoError(t, err)
		mask, depth := &data.Mask{H: h, W: w, Pix: make([]uint8, h*w)}, &data.Depth{H: h, W: w, Metres: make([]float32, h*w)}
		for j := range mask.Pix {
			mask.Pix[j] = uint8((j/w/3 + j%w/4) % 7)
			depth.Metres[j] = float32(mask.Pix[j])
		}
		out, err := c.params().Apply(picture)
		require.NoError(t, err)
		require.Equal(t, c.Image, digest(out.Pix), "case %d: %+v", i, c)
		m, err := c.params().ApplyMask(mask)
		require.NoError(t, err)
		require.Equal(t, c.Mask, digest(m.Pix), "the mask of case %d: %+v", i, c)
		d, err := c.params().ApplyDepth(depth)
		require.NoError(t, err)
		for j, v := range d.Metres {
			require.Equal(t, float32(m.Pix[j]), v, "the depth of case %d", i)
		}
	}
}

// TestEveryColour: all 2²⁴ colours, which covers every rounding of the conversion to hues and back.
func TestEveryColour(t *testing.T) {
	every := &image.RGB{H: 4096, W: 4096, Pix: make([]uint8, 3<<24)}
	for i := range 1 << 24 {
		every.Pix[3*i], every.Pix[3*i+1], every.Pix[3*i+2] = uint8(i), uint8(i>>8), uint8(i>>16)
	}
	for name, want := range pillow(t).Colours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, text, _ := strings.Cut(name, " ")
			factor, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			out, err := augment.Params{Jitter: []augment.Jitter{{Change: augment.Change(kind), Factor: factor}}}.Apply(every)
			require.NoError(t, err)
			require.Equal(t, want, digest(out.Pix))
		})
	}
}
