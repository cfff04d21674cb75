package radio

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

const pictures = "../conformance/images"

// grey is an h×w picture of one shade.
func grey(h, w int, shade byte) *image.RGB {
	img := &image.RGB{H: h, W: w, Pix: make([]byte, 3*h*w)}
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	return img
}

// keepSize is an Encoder that does not resize.
func keepSize(t *testing.T, batch int) *Encoder {
	e := NewEncoder(openNano(t, Options{}))
	p, err := image.ParseProcessor([]byte(`{"do_resize": false, "do_center_crop": false, "do_rescale": true, "do_normalize": false}`))
	require.NoError(t, err)
	e.Processor, e.BatchSize, e.Size = p, batch, Native()
	return e
}

// Mixed sizes are batched by size and come back in the order given, each as it
// is alone.
func TestEncodeMixedSizes(t *testing.T) {
	sizes := [][2]int{{16, 16}, {32, 16}, {16, 16}, {48, 48}, {32, 16}, {16, 16}, {16, 16}, {32, 16}}
	var images []*image.RGB
	for i, s := range sizes {
		images = append(images, grey(s[0], s[1], byte(20*i)))
	}
	alone := keepSize(t, 1)
	for _, batch := range []int{1, 2, 3, 64} {
		e := keepSize(t, batch)
		all, err := e.Encode(context.Background(), images...)
		require.NoError(t, err)
		require.Len(t, all.Items, len(images))
		require.Equal(t, tensor.Shape{len(images), 192}, all.Summary.Shape())
		require.Nil(t, all.Features, "sizes differ")
		for i, r := range all.Items {
			require.Equal(t, i, r.Index)
			require.Equal(t, sizes[i], [2]int{r.Height, r.Width})
			one, err := alone.Encode(context.Background(), images[i])
			require.NoError(t, err)
			require.Equal(t, one.Items[0].Summary.Data(), r.Summary.Data(), "batch %d, image %d", batch, i)
			require.Equal(t, one.Items[0].Features.Data(), r.Features.Data())
			require.Equal(t, all.Summary.Float32s()[i*192:(i+1)*192], r.Summary.Float32s())
		}
	}
}

// What is borrowed is the same while it is, and nothing else is: not a result that waits for
// its turn, nor what Encode gives.
func TestBorrowedResults(t *testing.T) {
	sizes := [][2]int{{16, 16}, {32, 16}, {16, 16}, {48, 48}, {32, 16}, {16, 16}, {16, 16}, {32, 16}}
	var images []*image.RGB
	var inputs []Input
	for i, s := range sizes {
		img := grey(s[0], s[1], byte(20*i))
		images = append(images, img)
		inputs = append(inputs, Input{Name: fmt.Sprint(i), Load: func() (*image.RGB, error) { return img, nil }})
	}
	for _, d := range []DType{Float32, Float64} {
		m := openNano(t, Options{DType: d})
		for _, batch := range []int{1, 2, 3} {
			e := keepSize(t, batch)
			e.Model = m
			e.Request.Intermediates = &Intermediates{Last: 1, Prefix: true}
			want, err := e.Encode(context.Background(), images...)
			require.NoError(t, err)
			e.Borrow = true
			kept, err := e.Encode(context.Background(), images...)
			require.NoError(t, err)
			require.Equal(t, want.Items, kept.Items)
			shared := 0
			var last *tensor.Dense
			require.NoError(t, e.Stream(context.Background(), inputs, func(r Result) error {
				require.Equal(t, want.Items[r.Index].Summary.Data(), r.Summary.Data())
				require.Equal(t, want.Items[r.Index].Features.Data(), r.Features.Data())
				require.Equal(t, want.Items[r.Index].Intermediates[0].Prefix.Data(), r.Intermediates[0].Prefix.Data())
				if last != nil && last.Uintptr() == r.Summary.Uintptr() {
					shared++
				}
				last = r.Summary
				return nil
			}))
			require.Equal(t, batch == 1, shared > 0, "one machine's memory, again and again")
		}
	}
}

func TestEncodeOneSize(t *testing.T) {
	e := NewEncoder(openNano(t, Options{}))
	e.BatchSize = 2
	e.Processor = image.SquareProcessor(48, 32)
	e.Request.Layout = NCHW
	e.Request.Intermediates = &Intermediates{Last: 1, Prefix: true}
	all, err := e.EncodeFiles(context.Background(),
		filepath.Join(pictures, "chelsea.jpg"), filepath.Join(pictures, "rgba.png"), filepath.Join(pictures, "plain.gif"))
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{3, 192}, all.Summary.Shape())
	require.Equal(t, tensor.Shape{3, 64, 3, 2}, all.Features.Shape())
	require.Equal(t, tensor.Shape{3, 64, 3, 2}, all.Intermediates[0].Features.Shape())
	require.Equal(t, tensor.Shape{3, 8, 64}, all.Intermediates[0].Prefix.Shape())
	require.Equal(t, tensor.Shape{64, 3, 2}, all.Items[1].Features.Shape())
	require.Equal(t, filepath.Join(pictures, "rgba.png"), all.Items[1].Name)
}

func TestEncodeReportsBadPictures(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.jpg")
	require.NoError(t, os.WriteFile(text, []byte("not a picture"), 0o600))
	good := filepath.Join(pictures, "odd-444.jpg")
	e := NewEncoder(openNano(t, Options{}))
	e.Processor = image.SquareProcessor(32, 32)
	_, err := e.EncodeFiles(context.Background(), good, text)
	require.ErrorContains(t, err, "text.jpg")
	_, err = e.EncodeFiles(context.Background())
	require.ErrorContains(t, err, "no pictures")

	var names []string
	var failed int
	inputs := []Input{e.File(text), e.File(good), e.File(filepath.Join(dir, "none.png")), e.Bytes("empty", nil), e.File(good)}
	require.NoError(t, e.Stream(context.Background(), inputs, func(r Result) error {
		names = append(names, filepath.Base(r.Name))
		if r.Err != nil {
			require.ErrorContains(t, r.Err, filepath.Base(r.Name))
			failed++
		}
		return nil
	}))
	require.Equal(t, []string{"text.jpg", "odd-444.jpg", "none.png", "empty", "odd-444.jpg"}, names)
	require.Equal(t, 3, failed)

	square := keepSize(t, 1)
	square.Size = Square(17)
	_, err = square.Encode(context.Background(), grey(17, 16, 1))
	require.EqualError(t, err, "size 17: image is 17×17: height and width must be multiples of 16; the nearest supported size is 16×16")
}

func TestStreamStops(t *testing.T) {
	const batch, patience = 2, 4
	e := keepSize(t, batch)
	var inputs []Input
	var loads atomic.Int64
	for i := range 2*ahead(batch) + 100 {
		inputs = append(inputs, Input{Name: fmt.Sprint(i), Load: func() (*image.RGB, error) {
			loads.Add(1)
			return grey(16, 16, 3), nil
		}})
	}
	enough := errors.New("enough")
	seen := 0
	err := e.Stream(context.Background(), inputs, func(Result) error {
		seen++
		if seen == 3 {
			return enough
		}
		return nil
	})
	require.ErrorIs(t, err, enough)
	require.Equal(t, 3, seen)
	require.LessOrEqual(t, loads.Load(), int64(seen+ahead(batch)+patience*batch), "pictures are read a bounded number ahead")

	ctx, cancel := context.WithCancel(context.Background())
	slow := make(chan struct{})
	defer close(slow)
	stuck := Input{Name: "stuck", Load: func() (*image.RGB, error) { cancel(); <-slow; return nil, nil }}
	require.ErrorIs(t, e.Stream(ctx, []Input{stuck}, func(Result) error { return nil }), context.Canceled)

	ctx, cancel = context.WithCancel(context.Background())
	err = e.Stream(ctx, inputs, func(Result) error { cancel(); return nil })
	require.ErrorIs(t, err, context.Canceled)
}

// A JPEG is read no finer than its resize needs, and becomes of the same size as ever.
func TestFastDecode(t *testing.T) {
	e := NewEncoder(openNano(t, Options{}))
	e.Size = ShortEdge(64)
	chelsea := filepath.Join(pictures, "chelsea.jpg")
	want, err := e.EncodeFiles(context.Background(), chelsea)
	require.NoError(t, err)
	e.FastDecode = true
	img, err := e.File(chelsea).Load()
	require.NoError(t, err)
	require.Equal(t, []int{75, 113}, []int{img.H, img.W}, "a quarter")
	require.Equal(t, [2]int{300, 451}, img.Whole)
	got, err := e.EncodeFiles(context.Background(), chelsea, filepath.Join(pictures, "wide.png"))
	require.NoError(t, err)
	require.Equal(t, [2]int{300, 451}, got.Items[0].Original)
	require.Equal(t, want.Items[0].Features.Shape(), got.Items[0].Features.Shape())
	require.NotEqual(t, want.Items[0].Summary.Data(), got.Items[0].Summary.Data())
	cosine := Cosine(want.Items[0].Vector(), got.Items[0].Vector())
	require.Greater(t, cosine, 0.98)

	e.Decode.Orient = true
	turned, err := e.File(filepath.Join(pictures, "orientation6.jpg")).Load()
	require.NoError(t, err)
	if turned.Whole != [2]int{} {
		require.Equal(t, turned.H > turned.W, turned.Whole[0] > turned.Whole[1])
	}
}
