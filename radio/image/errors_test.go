package image

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each kind of error can be distinguished, in every format.
func TestErrorsOfEveryFormat(t *testing.T) {
	files := map[string][]byte{"pixels.ppm": []byte("P6 2 2 255\nabcdefghijkl")}
	for _, dir := range []string{"../../conformance/images", "testdata"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		for _, path := range paths {
			if data, err := os.ReadFile(path); err == nil { // else a folder
				files[path] = data
			}
		}
	}
	seen := map[string]bool{}
	for path, data := range files {
		f, err := sniff(data)
		if err != nil {
			continue
		}
		whole, err := Decode(data, DecodeOptions{})
		if err != nil {
			continue
		}
		seen[f.name] = true
		var many *TooManyPixelsError
		_, err = Decode(data, DecodeOptions{MaxPixels: 1})
		if whole.H*whole.W > 1 {
			require.ErrorAs(t, err, &many, path)
			require.Equal(t, f.name, many.Format, path)
			require.Equal(t, int64(1), many.Limit)
			require.Greater(t, many.Width*many.Height, 1)
			require.ErrorContains(t, err, f.name+": the header says ")
		}
		for _, cut := range []int{len(data) / 2, len(data) / 8, 9} {
			if _, err = Decode(data[:cut], DecodeOptions{}); err == nil {
				continue // the missing part does not matter
			}
			var damaged *DamagedError
			var format *FormatError
			if !errors.As(err, &format) { // the format needs more bytes to be detected
				require.ErrorAs(t, err, &damaged, "%s: %v", path, err)
				require.Equal(t, f.name, damaged.Format)
				require.Equal(t, f.name+": "+damaged.Unwrap().Error(), err.Error())
			}
		}
	}
	for _, f := range formats {
		require.True(t, seen[f.name], f.name)
	}
}

// TestDecodeReader: a reader gives the same as a file. An endless stream is read only up to the limit.
func TestDecodeReader(t *testing.T) {
	path := "../../conformance/images/chelsea.jpg"
	want, err := DecodeFile(path, DecodeOptions{})
	require.NoError(t, err)
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	got, err := DecodeReader(f, DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = DecodeReader(nil, DecodeOptions{})
	require.ErrorContains(t, err, "is nil")
	_, err = DecodeReader(bytes.NewReader(nil), DecodeOptions{})
	require.Error(t, err)

	large := &FileTooLargeError{Limit: 7}
	require.EqualError(t, large, "larger than 7 bytes; give an image file")
	r := &counted{Reader: bytes.NewReader(make([]byte, 100))}
	_, err = readUpTo(r, 0, 7)
	require.ErrorAs(t, err, &large)
	require.LessOrEqual(t, r.n, 8)
}

type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}
