package radio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// shades is an endless sequence of images, of several sizes; pulled counts them.
func shades(pulled *atomic.Int64) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		for i := 0; ; i++ {
			pulled.Add(1)
			if !yield(decoded(fmt.Sprint(i), grey(16+16*(i%3), 16, byte(i)))) {
				return
			}
		}
	}
}

// settled waits until there are no more goroutines than there were.
func settled(t *testing.T, before int) {
	for range 5000 { // Eventually has goroutines of its own
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before, "goroutines stay")
}

// An endless sequence gives results in order, is read a bounded number ahead, and ends with the
// loop, wherever that is left.
func TestResultsOfAnEndlessSequence(t *testing.T) {
	for _, batch := range []int{1, 4} {
		e := keepSize(t, batch)
		_, err := e.Encode(t.Context(), grey(16, 16, 0), grey(32, 16, 0), grey(48, 16, 0))
		require.NoError(t, err)
		before := runtime.NumGoroutine()
		for stop := range 40 {
			var pulled atomic.Int64
			seen := 0
			for r, err := range e.Results(t.Context(), shades(&pulled)) {
				require.NoError(t, err)
				require.Equal(t, seen, r.Index)
				require.Equal(t, fmt.Sprint(seen), r.Name)
				require.Len(t, r.Vector(), 192)
				if seen++; seen > stop {
					break
				}
			}
			require.Equal(t, stop+1, seen)
			const patience = 4
			require.LessOrEqual(t, pulled.Load(), int64(stop+1+ahead(batch)+2*patience*batch))
		}
		settled(t, before)
	}
}

// The results of a sequence are those of Stream, and of each image alone.
func TestResultsEqualStream(t *testing.T) {
	e := keepSize(t, 3)
	var inputs []Input
	for i := range 20 {
		inputs = append(inputs, decoded(fmt.Sprint(i), grey(16+16*(i%3), 16, byte(9*i))))
	}
	inputs[7] = e.Bytes("no image", []byte("text"))
	var want []Result
	require.NoError(t, e.Stream(t.Context(), inputs, func(r Result) error { want = append(want, r); return nil }))
	var got []Result
	for r, err := range e.Results(t.Context(), slices.Values(inputs)) {
		require.Equal(t, r.Err, err)
		got = append(got, r)
	}
	require.Equal(t, want, got)
	require.ErrorContains(t, got[7].Err, "no image: it is ")
	for range e.Results(t.Context(), slices.Values[[]Input](nil)) {
		t.Fatal("there are none")
	}
}

// An image is there before the sequence has the next.
func TestResultsDoNotWaitForTheNext(t *testing.T) {
	e := keepSize(t, 1)
	images := make(chan Input, 1)
	images <- decoded("0", grey(16, 16, 1))
	live := func(yield func(Input) bool) {
		for in := range images {
			if !yield(in) {
				return
			}
		}
	}
	n := 0
	for r, err := range e.Results(t.Context(), live) {
		require.NoError(t, err)
		require.Equal(t, n, r.Index)
		if n++; n == 5 {
			close(images)
			continue
		}
		images <- decoded(fmt.Sprint(n), grey(16, 16, byte(n)))
	}
	require.Equal(t, 5, n)
}

// What ends a stream is its last error.
func TestResultsEnd(t *testing.T) {
	e := keepSize(t, 1)
	var pulled atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last Result
	n := 0
	for r, err := range e.Results(ctx, shades(&pulled)) {
		last = r
		if n++; n == 3 {
			cancel()
		}
		if n > 3 {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.Equal(t, 4, n)
	require.Equal(t, -1, last.Index)

	require.NoError(t, e.Model.Close())
	n = 0
	for r, err := range e.Results(t.Context(), shades(&pulled)) {
		require.ErrorIs(t, err, ErrClosed)
		require.ErrorIs(t, r.Err, ErrClosed)
		require.Equal(t, -1, r.Index)
		n++
	}
	require.Equal(t, 1, n)

	n = 0
	for _, err := range (&Encoder{}).Results(t.Context(), shades(&pulled)) {
		require.ErrorContains(t, err, "make it with NewEncoder")
		n++
	}
	require.Equal(t, 1, n)
	for _, err := range e.Results(t.Context(), nil) {
		require.ErrorContains(t, err, "is nil")
	}
}

// Panics: one of the sequence is the caller's, one of the loop ends the reading, one of an
// image is its error.
func TestPanicsInStreams(t *testing.T) {
	e := keepSize(t, 1)
	require.PanicsWithValue(t, "broken sequence", func() {
		for range e.Results(t.Context(), func(yield func(Input) bool) {
			yield(decoded("0", grey(16, 16, 1)))
			panic("broken sequence")
		}) {
		}
	})
	before := runtime.NumGoroutine()
	var pulled atomic.Int64
	require.PanicsWithValue(t, "broken loop", func() {
		for range e.Results(t.Context(), shades(&pulled)) {
			panic("broken loop")
		}
	})
	settled(t, before)
	inputs := []Input{{Name: "bad", Load: func() (*image.RGB, error) { panic("broken image") }}, {Name: "none"}, decoded("good", grey(16, 16, 1))}
	var errs []error
	for _, err := range e.Results(t.Context(), slices.Values(inputs)) {
		errs = append(errs, err)
	}
	require.ErrorContains(t, errs[0], "bad: loading it panicked: broken image")
	require.ErrorContains(t, errs[1], "none: its Input has no Load")
	require.NoError(t, errs[2])
}

// Many bad images hold up nobody: the good one among them comes after a bounded number.
func TestBadImagesAreNotWaitedFor(t *testing.T) {
	e := keepSize(t, 8)
	n := 0
	for r, err := range e.Results(t.Context(), func(yield func(Input) bool) {
		if !yield(decoded("good", grey(16, 16, 1))) {
			return
		}
		for yield(Input{Name: "bad", Load: func() (*image.RGB, error) { return nil, io.ErrUnexpectedEOF }}) {
		}
	}) {
		require.Equal(t, n == 0, err == nil, r.Name)
		if n++; n == 50 {
			break
		}
	}
	require.Equal(t, 50, n)
}

// Every way in gives the same pixels.
func TestInputs(t *testing.T) {
	path := filepath.Join(pictures, "rgba.png")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	e := NewEncoder(openNano(t, Options{}))
	e.Processor = image.SquareProcessor(32, 32)
	img, err := image.Decode(data, e.Decode)
	require.NoError(t, err)
	goImage := stdimage.NewNRGBA(stdimage.Rect(5, 7, 5+img.W, 7+img.H))
	for i := range img.W * img.H {
		goImage.Set(5+i%img.W, 7+i/img.W, color.NRGBA{img.Pix[3*i], img.Pix[3*i+1], img.Pix[3*i+2], img.Alpha[i]})
	}
	inputs := []Input{e.File(path), e.Bytes("b", data), e.Reader("r", io.MultiReader(bytes.NewReader(data[:9]), bytes.NewReader(data[9:]))), e.Image("i", goImage)}
	var got [][]float32
	for r, err := range e.Results(t.Context(), slices.Values(inputs)) {
		require.NoError(t, err)
		got = append(got, r.Vector())
	}
	for _, v := range got {
		require.Equal(t, got[0], v)
	}
	for r, err := range e.Results(t.Context(), e.Files(slices.Values([]string{path, path}))) {
		require.NoError(t, err)
		require.Equal(t, got[0], r.Vector())
	}
}

func TestInputsThatAreNoImages(t *testing.T) {
	e := NewEncoder(openNano(t, Options{}))
	broken := errors.New("broken pipe")
	again := e.Reader("again", bytes.NewReader([]byte("text")))
	_, err := again.load()
	require.ErrorContains(t, err, "again: it is ")
	var none *stdimage.RGBA
	for want, in := range map[string]Input{
		"again: its reader has been read already":      again,
		"nil: the reader is nil":                       e.Reader("nil", nil),
		"pipe: broken pipe":                            e.Reader("pipe", io.MultiReader(bytes.NewReader([]byte("\xff\xd8\xff")), failing{broken})),
		"nil: image is nil":                            e.Image("nil", nil),
		"nil: loading it panicked":                     e.Image("nil", none),
		"empty: the image is empty":                    e.Image("empty", stdimage.NewRGBA(stdimage.Rect(3, 3, 3, 9))),
		"uniform: *image.Uniform: the header says 200": e.Image("uniform", stdimage.NewUniform(color.White)),
	} {
		_, err := in.load()
		require.ErrorContains(t, err, want)
	}
	_, err = e.Reader("pipe", failing{broken}).load()
	require.ErrorIs(t, err, broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// An Encoder's processor is its own.
func TestEncoderOwnsItsProcessor(t *testing.T) {
	m := openNano(t, Options{})
	was := *m.Processor()
	e := NewEncoder(m)
	e.Processor.ShortestEdge, e.Processor.ConvertRGB = 9999, false
	m.Processor().DoResize = false
	require.Equal(t, was, *m.Processor())
	require.Equal(t, was, *NewEncoder(m).Processor)
}
