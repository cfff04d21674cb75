package image

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResizeRefusesAbsurdSizes(t *testing.T) {
	img := pattern(3, 4)
	for name, c := range map[string]struct {
		img  *RGB
		h, w int
		f    Filter
		want string
	}{
		"zero height":     {img, 0, 5, Bicubic, "want at least 1 x 1"},
		"negative width":  {img, 5, -1, Bicubic, "want at least 1 x 1"},
		"too many pixels": {img, 1 << 20, 1 << 20, Bicubic, "want at most 178956970 pixels"},
		"overflow":        {img, 1 << 62, 1 << 62, Nearest, "want at most 178956970 pixels"},
		"a long side":     {img, 1<<24 + 1, 1, Bicubic, "sides of at most 16777216"},
		"filter":          {img, 5, 5, Filter(6), "filter 6: want 0 to 5"},
		"negative filter": {img, 5, 5, Filter(-1), "filter -1"},
		"nil":             {nil, 5, 5, Bicubic, "empty image"},
		"empty":           {&RGB{}, 5, 5, Bicubic, "empty image"},
		"short Pix":       {&RGB{Pix: make([]uint8, 11), H: 2, W: 2}, 5, 5, Bicubic, "Pix has 11 bytes"},
		"short Alpha":     {&RGB{Pix: make([]uint8, 12), H: 2, W: 2, Alpha: make([]uint8, 3)}, 5, 5, Bicubic, "Alpha has 3 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Resize(c.img, c.h, c.w, c.f)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, out)
		})
	}
}

func TestResizeToItsOwnSizeIsACopy(t *testing.T) {
	img := pattern(4, 5)
	out, err := Resize(img, 4, 5, Lanczos)
	require.NoError(t, err)
	require.Equal(t, img, out)
	out.Pix[0]++
	require.NotEqual(t, img.Pix[0], out.Pix[0])
}

func TestResizeLeavesAlphaOut(t *testing.T) {
	img := pattern(4, 5)
	want, err := Resize(img, 7, 3, Box)
	require.NoError(t, err)
	img.Alpha = make([]uint8, 20)
	got, err := Resize(img, 7, 3, Box)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestResizeDoesNotDependOnCores(t *testing.T) {
	img := pattern(97, 61)
	want, err := Resize(img, 40, 75, Lanczos)
	require.NoError(t, err)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, n := range []int{1, 3, 8} {
		runtime.GOMAXPROCS(n)
		got, err := Resize(img, 40, 75, Lanczos)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestFilterString(t *testing.T) {
	for f, name := range map[Filter]string{Nearest: "nearest", Lanczos: "lanczos", Bilinear: "bilinear", Bicubic: "bicubic", Box: "box", Hamming: "hamming", 6: "Filter(6)"} {
		require.Equal(t, name, f.String())
	}
}
