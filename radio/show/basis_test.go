package show

import (
	"errors"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// object returns a grid of 6×8 tokens of 16 numbers: a background, and an object of 4×4 tokens.
func object(at int) Tokens {
	noise := cloud(48, 16, 0.8)
	t := Tokens{Rows: 6, Cols: 8, Features: make([]float32, 48*16)}
	for i := range 48 {
		for j := range 16 {
			t.Features[i*16+j] = 0.1 * (noise[i*16+j] - 5)
		}
		if y, x := i/8, i%8; y >= 1 && y < 5 && x >= at && x < at+4 {
			t.Features[i*16+3] += 4
		}
	}
	return t
}

func TestOneBasisForSeveral(t *testing.T) {
	a, b := object(1), object(3)
	both, err := Fit([]Tokens{a, b}, 16, BasisOptions{})
	require.NoError(t, err)
	ca, cb := both.Colours(a), both.Colours(b)
	inside := func(m Map, row, col int) float64 { return m.Values[3*(row*8+col)] }
	require.InDelta(t, inside(ca, 2, 2), inside(cb, 2, 5), 0.5, "the object has its colour in both")
	alone, err := Fit([]Tokens{a}, 16, BasisOptions{})
	require.NoError(t, err)
	require.NotEqual(t, alone.Axes, both.Axes)

	_, err = Fit([]Tokens{{Features: a.Features, Rows: 5, Cols: 8}}, 16, BasisOptions{})
	require.ErrorContains(t, err, "image 0 has 768 values, want 5×8 tokens of 16")
	_, err = Fit([]Tokens{a}, 16, BasisOptions{Skip: 16})
	require.ErrorContains(t, err, "skip is 16, must be 0 to 15")
}

func TestForeground(t *testing.T) {
	a := object(2)
	for _, side := range []Side{Auto, High} { // the largest entry of the first axis belongs to the object
		b, err := Fit([]Tokens{a}, 16, BasisOptions{Front: side})
		require.NoError(t, err)
		for i, in := range b.Foreground(a.Features) {
			y, x := i/8, i%8
			require.Equal(t, y >= 1 && y < 5 && x >= 2 && x < 6, in, "%s: row %d column %d", side, y, x)
			if !in {
				require.Equal(t, backgroundLevel, b.Colours(a).Values[3*i])
			}
		}
	}
	b, err := Fit([]Tokens{a}, 16, BasisOptions{Front: Low})
	require.NoError(t, err)
	require.True(t, b.Foreground(a.Features)[0])
	flat := Tokens{Features: make([]float32, 4*16), Rows: 2, Cols: 2}
	_, err = Fit([]Tokens{flat}, 16, BasisOptions{Front: Auto})
	require.ErrorContains(t, err, "all patches are equal")
	_, err = Fit([]Tokens{a}, 16, BasisOptions{Front: "left"})
	require.ErrorContains(t, err, `side is "left"`)
	_, err = Fit([]Tokens{a}, 16, BasisOptions{Front: High, FrontAt: 1})
	require.ErrorContains(t, err, "must be at least 0 and below 1")
}

// TestColoursAreRobust: an outlier does not reduce the contrast of other tokens.
func TestColoursAreRobust(t *testing.T) {
	var values []float64
	for i := range 399 {
		values = append(values, float64(i))
	}
	low, high := span(append(values, 1e9), 2)
	require.GreaterOrEqual(t, low, 0.0)
	require.LessOrEqual(t, high, 398.0)
	require.Greater(t, high-low, 300.0)
	low, high = span([]float64{1, 1, 1, 1, 7}, 2)
	require.Equal(t, [2]float64{1, 7}, [2]float64{low, high}, "most are the same")
	low, high = span([]float64{4}, 2)
	require.Equal(t, [2]float64{4, 4}, [2]float64{low, high})
}

func TestOutliers(t *testing.T) {
	a := object(2)
	for i := range a.Features {
		a.Features[i] += 2
	}
	require.Empty(t, Outliers(a.Features, 16, DefaultDeviations), "an object is none")
	for j := range 16 {
		a.Features[20*16+j] *= 9
		a.Features[7*16+j] = 0
	}
	found := Outliers(a.Features, 16, DefaultDeviations)
	require.Len(t, found, 2)
	require.Equal(t, [2]int{7, 20}, [2]int{found[0].Token, found[1].Token})
	require.Negative(t, found[0].Deviations)
	require.Greater(t, found[1].Deviations, 6.0)
	require.Empty(t, Outliers(make([]float32, 32), 16, 6))
	require.Empty(t, Outliers(nil, 16, 6))
}

func TestBasisFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b.safetensors")
	of := Origin{"synthetic:B", "abc", "block 5"}
	for _, front := range []Side{"", Auto, Low} {
		b, err := Fit([]Tokens{object(2)}, 16, BasisOptions{Front: front})
		require.NoError(t, err)
		require.NoError(t, WriteBasis(path, b, of))
		got, from, err := ReadBasis(path)
		require.NoError(t, err)
		require.Equal(t, b, got, "to the last bit")
		require.Equal(t, of, from)
	}
	require.NoError(t, of.Suits(path, Origin{"another name", "abc", "block 5"}))
	require.ErrorContains(t, of.Suits(path, Origin{"M", "abd", "block 5"}), `want a basis of M (identity abd…), found one of another model, "synthetic:B" (identity abc…)`)
	require.ErrorContains(t, of.Suits(path, Origin{"M", "abc", "features"}), `want a basis of features, found one of another layer, "block 5"`)

	require.NoError(t, loader.Write(path, nil, nil))
	_, _, err := ReadBasis(path)
	var wrong *loader.Error
	require.True(t, errors.As(err, &wrong))
	require.ErrorContains(t, err, "a safetensors file that is not a basis; make it with cradio pca --save-basis")
	_, _, err = ReadBasis(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}

// memory is a safetensors file in memory.
type memory struct {
	tensors  map[string][]float32
	shapes   map[string][]int
	metadata map[string]string
}

func (m memory) Lookup(name string) (loader.Info, bool) {
	s, ok := m.shapes[name]
	return loader.Info{Name: name, Shape: s}, ok
}

func (m memory) Float32(name string, shape ...int) ([]float32, error) {
	if !slices.Equal(shape, m.shapes[name]) {
		return nil, loader.ErrMissing
	}
	return m.tensors[name], nil
}

func (m memory) Metadata() map[string]string { return m.metadata }

// FuzzReadBasis: any file is an error, or a basis with colours.
func FuzzReadBasis(f *testing.F) {
	f.Add(3, 5, 2, "high", float32(1))
	f.Add(1, 1, 0, "", float32(math.NaN()))
	f.Add(0, 4, 1, "left", float32(0))
	f.Fuzz(func(t *testing.T, k, d, missing int, side string, v float32) {
		if k < 0 || d < 0 || k > 9 || d > 9 {
			return
		}
		m := memory{map[string][]float32{}, map[string][]int{}, map[string]string{"format": basisFormat, "front.side": side}}
		for i, s := range []struct {
			name  string
			shape []int
		}{
			{"mean", []int{d}}, {"axes", []int{k, d}}, {"shares", []int{k}}, {"low", []int{k}}, {"high", []int{k}},
			{"front.mean", []int{d}}, {"front.axis", []int{d}}, {"front.threshold", []int{1}},
		} {
			n := 1
			for _, size := range s.shape {
				n *= size
			}
			if i != missing {
				m.shapes[s.name], m.tensors[s.name] = s.shape, slices.Repeat([]float32{v}, n)
			}
		}
		before := maps.Clone(m.metadata)
		b, _, err := readBasis(m, "file")
		require.Equal(t, before, m.metadata)
		if err != nil {
			return
		}
		require.True(t, v-v == 0, "NaN and infinity are refused")
		colours := b.Colours(Tokens{Features: make([]float32, 2*d), Rows: 1, Cols: 2})
		require.Len(t, colours.Values, 6)
	})
}
