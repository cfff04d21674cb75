package train_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	stdimage "image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/image"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// fine and coarse are the sides of generated pictures, and of what fast decoding makes of them.
const fine, coarse = 128, 32

// file writes a picture, and names it.
func file(t *testing.T, name string, text []byte) (path, sum string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, text, 0o644))
	of := sha256.Sum256(text)
	return path, hex.EncodeToString(of[:])
}

func pngOf(t *testing.T, img stdimage.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

// opaque is a decoded picture.
func opaque(img *image.RGB) stdimage.Image {
	out := stdimage.NewRGBA(stdimage.Rect(0, 0, img.W, img.H))
	for i := range img.H * img.W {
		copy(out.Pix[4*i:], []byte{img.Pix[3*i], img.Pix[3*i+1], img.Pix[3*i+2], 255})
	}
	return out
}

// change writes each picture of a set anew, as two sets.
func change(t *testing.T, set *train.Set, one func(e train.Example) (special, plain train.Example)) (special, plain *train.Set) {
	t.Helper()
	a, b := *set, *set
	a.Train, a.Val, b.Train, b.Val = nil, nil, nil, nil
	for _, e := range set.Train {
		s, p := one(e)
		a.Train, b.Train = append(a.Train, s), append(b.Train, p)
	}
	for _, e := range set.Val {
		s, p := one(e)
		a.Val, b.Val = append(a.Val, s), append(b.Val, p)
	}
	return &a, &b
}

// compressed gives pictures as JPEG, and as the pixels of a quarter of their size.
func compressed(t *testing.T) func(e train.Example) (special, plain train.Example) {
	return func(e train.Example) (special, plain train.Example) {
		special, plain = e, e
		text, err := os.ReadFile(e.Picture)
		require.NoError(t, err)
		img, err := png.Decode(bytes.NewReader(text))
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, jpeg.Encode(&b, img, nil))
		special.Picture, special.SHA256 = file(t, "fine.jpg", b.Bytes())
		small, err := image.Decode(b.Bytes(), image.DecodeOptions{Draft: [2]int{coarse, coarse}})
		require.NoError(t, err)
		require.Equal(t, coarse, small.H)
		plain.Picture, plain.SHA256 = file(t, "coarse.png", pngOf(t, opaque(small)))
		if e.Mask == "" {
			return special, plain
		}
		m, err := data.ReadMask(e.Mask, data.MaskOptions{Classes: 255})
		require.NoError(t, err)
		m, err = augment.Params{Size: [2]int{coarse, coarse}}.ApplyMask(m)
		require.NoError(t, err)
		plain.Mask, _ = file(t, "coarse mask.png", pngOf(t, &stdimage.Gray{Pix: m.Pix, Stride: m.W, Rect: stdimage.Rect(0, 0, m.W, m.H)}))
		return special, plain
	}
}

// transparent gives pictures that are transparent in part, and without that.
func transparent(t *testing.T) func(e train.Example) (special, plain train.Example) {
	return func(e train.Example) (special, plain train.Example) {
		special, plain = e, e
		img, err := image.DecodeFile(e.Picture, image.DecodeOptions{})
		require.NoError(t, err)
		whole := opaque(img)
		half := stdimage.NewNRGBA(whole.Bounds())
		for y := range img.H {
			for x := range img.W {
				c := color.NRGBAModel.Convert(whole.At(x, y)).(color.NRGBA)
				c.A = uint8(7 * x * y)
				half.SetNRGBA(x, y, c)
			}
		}
		special.Picture, special.SHA256 = file(t, "transparent.png", pngOf(t, half))
		plain.Picture, plain.SHA256 = file(t, "opaque.png", pngOf(t, whole))
		return special, plain
	}
}

// TestPreparedPictures: a training that decodes JPEG fast, or drops transparency, has the bits of one on pictures of
// those pixels, with features that are computed at once, in a store, and in each step; and the head knows.
func TestPreparedPictures(t *testing.T) {
	m := nano(t, 0)
	draw := func(kind data.Kind) string {
		dir := filepath.Join(t.TempDir(), "set")
		require.NoError(t, data.Generate(t.Context(), dir, data.GenerateOptions{Kind: kind, Classes: 2, PerClass: 6, Size: fine}))
		return dir
	}
	labels, masks := labelled(t, draw(data.Labels)), paired(t, draw(data.Masks), data.Masks)
	classify := train.Recipe{Size: [2]int{coarse, coarse}, Head: head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}}}
	flipped, segment := classify, segmenter()
	flipped.Augment = augment.Policy{Flip: 0.5, Brightness: 0.3}
	flippedMasks := segment
	flippedMasks.Augment = flipped.Augment
	for name, way := range map[string]struct {
		pictures func(t *testing.T) func(e train.Example) (special, plain train.Example)
		recipe   func(r *train.Recipe)
		encoder  func(e *radio.Encoder)
		want     head.Picture
		refused  string
	}{
		"fast": {compressed, func(r *train.Recipe) { r.FastDecode = true }, func(e *radio.Encoder) { e.FastDecode = true },
			head.Picture{FastDecode: true}, "want fast true, found fast false"},
		"alpha": {transparent, func(r *train.Recipe) { r.DropAlpha = true }, func(e *radio.Encoder) { e.Processor.ConvertRGB = false },
			head.Picture{Alpha: head.AlphaDrop}, "want pictures without their transparency, found transparent ones on white"},
	} {
		for of, c := range map[string]struct {
			set *train.Set
			r   train.Recipe
		}{"classes": {labels, classify}, "flipped": {labels, flipped}, "masks": {masks, segment}, "flipped masks": {masks, flippedMasks}} {
			t.Run(name+" "+of, func(t *testing.T) {
				special, plain := change(t, c.set, way.pictures(t))
				run := func(s *train.Set, r train.Recipe) (weights string, p head.Picture) {
					dir := t.TempDir()
					run, task := begin(t, m, s, r, short(3), dir)
					_, err := run.Train(t.Context())
					require.NoError(t, err)
					return state(t, dir), *task.Head.Spec().Picture
				}
				want, p := run(plain, c.r)
				way.want.Size = p.Size
				require.Equal(t, head.Picture{Size: p.Size}, p)
				other, _ := run(special, c.r)
				require.NotEqual(t, want, other, "the pictures are special")
				r := c.r
				way.recipe(&r)
				got, p := run(special, r)
				require.Equal(t, want, got)
				require.Equal(t, way.want, p)
				if r.Augment.Random() {
					return
				}
				enc := radio.NewEncoder(m)
				way.encoder(enc)
				s := *special
				s.Store = stored(t, m, &s, radio.Fixed(coarse, coarse), features.Job{Encoder: enc, Sources: r.Head.Input})
				require.Equal(t, way.want, head.Picture{Size: p.Size, FastDecode: s.Store.Recipe.FastDecoded(), Alpha: map[bool]head.Alpha{true: head.AlphaDrop}[s.Store.Recipe.AlphaDropped()]})
				got, _ = run(&s, r)
				require.Equal(t, want, got)
				s.Store = stored(t, m, &s, radio.Fixed(coarse, coarse), features.Job{Sources: r.Head.Input})
				_, _, err := train.New(t.Context(), m, &s, r, short(3), nil)
				require.EqualError(t, err, fmt.Sprintf("%s: preprocessing: %s; give the size of the store, or make another with cradio features", s.Store.Dir, way.refused))
			})
		}
	}
}
