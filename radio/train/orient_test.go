package train_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	stdimage "image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// turned are pictures that lie on their side, with the EXIF orientation that puts them upright, and the same pictures upright.
// Both have the same masks or depth maps, upright.
func turned(t *testing.T, set *train.Set) (lying, upright *train.Set) {
	t.Helper()
	const w, h = 32, 20
	dir := t.TempDir()
	write := func(name string, img stdimage.Image, exif bool) (path, sum string) {
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, img))
		text := b.Bytes()
		if exif {
			const afterIHDR = 8 + 25
			text = append(append(append([]byte(nil), text[:afterIHDR]...), orientation(6)...), text[afterIHDR:]...)
		}
		path = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, text, 0o644))
		of := sha256.Sum256(text)
		return path, hex.EncodeToString(of[:])
	}
	n := 0
	part := func(list []train.Example) (lying, upright []train.Example) {
		for _, e := range list {
			file, err := os.ReadFile(e.Picture)
			require.NoError(t, err)
			img, err := png.Decode(bytes.NewReader(file))
			require.NoError(t, err)
			top, side := stdimage.NewNRGBA(stdimage.Rect(0, 0, w, h)), stdimage.NewNRGBA(stdimage.Rect(0, 0, h, w))
			for y := range h {
				for x := range w {
					top.Set(x, y, img.At(x, y))
					side.Set(y, w-1-x, img.At(x, y))
				}
			}
			target := e.Mask + e.Depth
			file, err = os.ReadFile(target)
			require.NoError(t, err)
			m, err := png.Decode(bytes.NewReader(file))
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, png.Encode(&b, m.(interface {
				SubImage(stdimage.Rectangle) stdimage.Image
			}).SubImage(stdimage.Rect(0, 0, w, h))))
			require.NoError(t, os.WriteFile(target, b.Bytes(), 0o644))
			one, other := e, e
			one.Picture, one.SHA256 = write(fmt.Sprintf("%d side.png", n), side, true)
			other.Picture, other.SHA256 = write(fmt.Sprintf("%d.png", n), top, false)
			lying, upright = append(lying, one), append(upright, other)
			n++
		}
		return lying, upright
	}
	a, b := *set, *set
	a.Train, b.Train = part(set.Train)
	a.Val, b.Val = part(set.Val)
	return &a, &b
}

// orientation is a PNG's chunk eXIf.
func orientation(v byte) []byte {
	tiff := []byte{'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, v, 0, 0, 0, 0, 0, 0}
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(tiff))), append([]byte("eXIf"), tiff...)...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// TestOrient: a training that applies the EXIF orientation has the bits of one on pictures that are upright, with
// features that are computed at once, in a store, and in each step. Without it the masks do not fit, and it is said why.
func TestOrient(t *testing.T) {
	m := nano(t, 0)
	lying, upright := turned(t, paired(t, generated(t, data.Masks, 2, 6), data.Masks))
	maps, upMaps := turned(t, paired(t, generated(t, data.Depths, 2, 6), data.Depths))
	ofDepth := train.Recipe{PerMetre: data.Millimetres, Size: [2]int{32, 48}, Head: head.Spec{Kind: head.Depth, Outputs: 16, Bins: &head.Bins{Low: 1e-3, High: 10}, Input: []radio.Source{radio.FeaturesSource}}}
	live := segmenter()
	live.Augment = augment.Policy{Scale: [2]float64{0.4, 1}, Flip: 0.5}
	for name, c := range map[string]struct {
		lying, upright *train.Set
		r              train.Recipe
	}{"frozen": {lying, upright, segmenter()}, "live": {lying, upright, live}, "depths": {maps, upMaps, ofDepth}} {
		t.Run(name, func(t *testing.T) {
			run := func(s *train.Set, r train.Recipe) (evaluation map[string]float64, oriented bool) {
				run, task := begin(t, m, s, r, short(3), t.TempDir())
				_, err := run.Train(t.Context())
				require.NoError(t, err)
				e, err := task.Evaluate(t.Context())
				require.NoError(t, err)
				return e.Metrics, task.Head.Spec().Picture.Orient
			}
			want, oriented := run(c.upright, c.r)
			require.False(t, oriented)
			_, _, err := train.New(t.Context(), m, c.lying, c.r, short(3), nil)
			e := c.lying.Train[0]
			require.EqualError(t, err, e.Mask+e.Depth+": has 32×20 pixels (width×height), its picture has them as its EXIF orientation turns it, which is not applied: apply it (--orient)")
			c.r.Orient = true
			got, oriented := run(c.lying, c.r)
			require.True(t, oriented)
			require.Equal(t, want, got)
			if c.r.Augment.Random() {
				return
			}
			s := *c.lying
			size := radio.Fixed(c.r.Size[0], c.r.Size[1])
			enc := radio.NewEncoder(m)
			enc.Decode.Orient = true
			s.Store = stored(t, m, &s, size, features.Job{Encoder: enc, Sources: c.r.Head.Input})
			require.True(t, s.Store.Recipe.Oriented())
			got, _ = run(&s, c.r)
			require.Equal(t, want, got)
			s.Store = stored(t, m, &s, size, features.Job{Sources: c.r.Head.Input})
			require.False(t, s.Store.Recipe.Oriented())
			_, _, err = train.New(t.Context(), m, &s, c.r, short(3), nil)
			require.EqualError(t, err, s.Store.Dir+": preprocessing: want orient true, found orient false; give the size of the store, or make another with cradio features")
		})
	}
}
