package image

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"cradio/radio/image/internal/kernel"
)

// jpegCase holds Pillow's results for a JPEG file, at full size and with Image.draft (testdata/make_jpeg.py).
type jpegCase struct {
	Height, Width int
	RGB           string
	Draft         []struct {
		To            [2]int
		Height, Width int
		RGB           string
	}
}

func readJPEGs(t testing.TB) map[string]jpegCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/jpeg.json")
	require.NoError(t, err)
	var file struct{ Cases map[string]jpegCase }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	return file.Cases
}

// everyKernel runs a test with each set of kernels, on one core and on several.
func everyKernel(t *testing.T, test func(t *testing.T)) {
	best := kernel.Best
	defer func() { kernel.Best = best }()
	for _, set := range kernel.Sets {
		for _, cores := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s-%d", set.Name, cores), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
				kernel.Best = *set
				test(t)
			})
		}
	}
}

func TestJPEGAsPillow(t *testing.T) {
	cases := readJPEGs(t)
	everyKernel(t, func(t *testing.T) {
		for _, name := range sortedKeys(cases) {
			want := cases[name]
			data, err := os.ReadFile(filepath.Join("testdata", name))
			require.NoError(t, err)
			img, err := Decode(data, DecodeOptions{})
			require.NoError(t, err, name)
			require.Equal(t, [2]int{want.Height, want.Width}, [2]int{img.H, img.W}, name)
			require.Equal(t, want.RGB, digest(img.Pix), name)
			for _, draft := range want.Draft {
				img, err := Decode(data, DecodeOptions{Draft: draft.To})
				require.NoError(t, err, name)
				require.Equal(t, [2]int{draft.Height, draft.Width}, [2]int{img.H, img.W}, "%s %v", name, draft.To)
				require.Equal(t, draft.RGB, digest(img.Pix), "%s %v", name, draft.To)
			}
		}
	})
}

func TestResizeWithEveryKernel(t *testing.T) {
	cases := readExpected(t).Resized
	everyKernel(t, func(t *testing.T) {
		for _, c := range cases {
			out, err := Resize(pattern(c.H, c.W), c.To[0], c.To[1], c.Filter)
			require.NoError(t, err)
			require.Equal(t, c.SHA256, digest(out.Pix), "%dx%d to %v %s", c.H, c.W, c.To, c.Filter)
		}
	})
}

// TestResizeDoesNotReadBeyond: nothing is read after the last row, for any capacity.
func TestResizeDoesNotReadBeyond(t *testing.T) {
	for _, size := range [][4]int{{9, 50, 5, 20}, {3, 4, 2, 3}, {40, 1, 8, 2}, {5, 200, 5, 31}, {64, 40, 9, 36}} {
		img := pattern(size[0], size[1])
		want, err := Resize(img, size[2], size[3], Lanczos)
		require.NoError(t, err)
		exact := &RGB{Pix: img.Pix[:len(img.Pix):len(img.Pix)], H: img.H, W: img.W}
		got, err := Resize(exact, size[2], size[3], Lanczos)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// TestDraftLeavesOtherFilesWhole: other formats, and sizes below 1, decode at full size.
func TestDraftLeavesOtherFilesWhole(t *testing.T) {
	png := readPicture(t, "png-type2-8bit.png")
	want, err := Decode(png, DecodeOptions{})
	require.NoError(t, err)
	got, err := Decode(png, DecodeOptions{Draft: [2]int{1, 1}})
	require.NoError(t, err)
	require.Equal(t, want, got)
	for _, draft := range [][2]int{{0, 0}, {0, 1}, {1, -5}, {100000, 100000}} {
		img, err := Decode(readPicture(t, "jpeg-420.jpg"), DecodeOptions{Draft: draft})
		require.NoError(t, err)
		require.Equal(t, [2]int{21, 33}, [2]int{img.H, img.W})
	}
}

// TestBounds: Bounds equals the size after Decode, for every file.
func TestBounds(t *testing.T) {
	files, err := filepath.Glob("testdata/pictures/*")
	require.NoError(t, err)
	large, err := filepath.Glob("testdata/jpeg/*")
	require.NoError(t, err)
	for _, path := range append(files, large...) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		img, err := Decode(data, DecodeOptions{})
		if err != nil {
			continue
		}
		h, w, err := Bounds(data)
		require.NoError(t, err, path)
		require.Equal(t, [2]int{img.H, img.W}, [2]int{h, w}, path)
	}
	for name, c := range readLenient(t) {
		if c.Refused == "" && stricter[name] == "" {
			h, w, err := Bounds(c.Data)
			require.NoError(t, err, name)
			require.Equal(t, [2]int{c.Height, c.Width}, [2]int{h, w}, name)
		}
	}
}

func TestBoundsErrors(t *testing.T) {
	_, _, err := Bounds([]byte("no image"))
	require.Error(t, err)
	_, _, err = Bounds([]byte("\xff\xd8\xff\xd9"))
	require.ErrorContains(t, err, "JPEG: no frame header")
	_, _, err = Bounds(readPicture(t, "cjpeg-arithmetic.jpg"))
	var format *FormatError
	require.ErrorAs(t, err, &format)
	_, _, err = Bounds([]byte("P6 70000 70000 255\n"))
	require.NoError(t, err, "it has no limit")
}
