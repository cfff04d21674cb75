package show

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// cloud returns tokens whose variance decreases as decay^axis, in a random basis.
func cloud(tokens, width int, decay float64) []float32 {
	r := rand.New(rand.NewPCG(3, 4))
	mix := mat.NewDense(width, width, nil)
	for i := range mix.RawMatrix().Data {
		mix.RawMatrix().Data[i] = r.NormFloat64()
	}
	orthonormal(mix)
	latent := mat.NewDense(tokens, width, nil)
	for i := range tokens {
		for j := range width {
			latent.Set(i, j, r.NormFloat64()*math.Pow(decay, float64(j)))
		}
	}
	var x mat.Dense
	x.Mul(latent, mix)
	out := make([]float32, tokens*width)
	for i, v := range x.RawMatrix().Data {
		out[i] = float32(v + 5)
	}
	return out
}

// TestComponentsAreGonums: against the full decomposition, for steep and flat
// spectra, and for fewer tokens than axes.
func TestComponentsAreGonums(t *testing.T) {
	for name, c := range map[string]struct {
		tokens, width int
		decay         float64
	}{
		"steep": {200, 48, 0.5}, "gentle": {200, 48, 0.9}, "flat": {300, 64, 0.99},
		"few tokens": {7, 40, 0.8}, "narrow": {50, 3, 0.7}, "a little wider": {50, 12, 0.8}, "one block too wide": {90, 65, 0.9},
	} {
		t.Run(name, func(t *testing.T) {
			features := cloud(c.tokens, c.width, c.decay)
			got := componentsOf(t, features, c.width, 3)

			wide := make([]float64, len(features))
			for i, v := range features {
				wide[i] = float64(v)
			}
			var pc stat.PC
			require.True(t, pc.PrincipalComponents(mat.NewDense(c.tokens, c.width, wide), nil))
			var want mat.Dense
			pc.VectorsTo(&want)
			variances := pc.VarsTo(nil)
			total := 0.0
			for _, v := range variances {
				total += v
			}
			for j := range 3 {
				cosine := mat.Dot(got.Axes.ColView(j), want.ColView(j))
				require.InDelta(t, 1, math.Abs(cosine), 1e-8, "axis %d", j)
				require.InDelta(t, variances[j]/total, got.Shares[j], 1e-9)
			}
		})
	}
}

func componentsOf(t testing.TB, features []float32, width, k int) *Components {
	s, err := NewScatter(width)
	require.NoError(t, err)
	half := len(features) / width / 2 * width // in two sets, like two images
	require.NoError(t, s.Add(features[:half], nil))
	require.NoError(t, s.Add(features[half:], nil))
	c, err := s.Components(k)
	require.NoError(t, err)
	return c
}

func TestSignIsFixed(t *testing.T) {
	features := cloud(60, 20, 0.7)
	a := componentsOf(t, features, 20, 3)
	b := componentsOf(t, features[:59*20], 20, 3) // one token fewer
	for j := range 3 {
		col := mat.Col(nil, j, a.Axes)
		largest := 0.0
		for _, v := range col {
			if math.Abs(v) > math.Abs(largest) {
				largest = v
			}
		}
		require.Positive(t, largest)
		require.Greater(t, mat.Dot(a.Axes.ColView(j), b.Axes.ColView(j)), 0.9)
	}
}

func TestComponentsOfLeftOut(t *testing.T) {
	features := cloud(60, 20, 0.7)
	s, err := NewScatter(20)
	require.NoError(t, err)
	leave := make([]bool, 61)
	leave[60] = true
	require.NoError(t, s.Add(append(slices.Clone(features), slices.Repeat([]float32{1e6}, 20)...), leave))
	require.Equal(t, 60, s.Tokens())
	got, err := s.Components(2)
	require.NoError(t, err)
	want := componentsOf(t, features, 20, 2)
	require.InDeltaSlice(t, want.Shares, got.Shares, 1e-9)
}

func TestDegenerate(t *testing.T) {
	for _, tokens := range []int{1, 2, 9} {
		b, err := Fit([]Tokens{{Features: slices.Repeat([]float32{3}, tokens*8), Rows: 1, Cols: tokens}}, 8, BasisOptions{})
		require.NoError(t, err)
		require.Equal(t, []float32{0, 0, 0}, b.Shares)
		require.Equal(t, 0.5, b.Colours(Tokens{Features: make([]float32, tokens*8), Rows: 1, Cols: tokens}).Values[0], "no variance is grey")
	}
	s, err := NewScatter(2)
	require.NoError(t, err)
	_, err = s.Components(1)
	require.ErrorContains(t, err, "no tokens are left")
	require.ErrorContains(t, s.Add([]float32{1}, nil), "1 values are not tokens of 2")
	require.ErrorContains(t, s.Add([]float32{1, float32(math.NaN())}, nil), "token 0 holds NaN")
	require.NoError(t, s.Add([]float32{1, 2}, nil))
	_, err = s.Components(3)
	require.ErrorContains(t, err, "k is 3, must be 1 to 2")
	_, err = NewScatter(1 << 20)
	require.ErrorContains(t, err, "must be 1 to 16384")
}

// TestComponentsOnAnyThreads: the bits do not depend on the number of threads.
func TestComponentsOnAnyThreads(t *testing.T) {
	features := cloud(300, 200, 0.95)
	want := componentsOf(t, features, 200, 3)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	require.Equal(t, want, componentsOf(t, features, 200, 3))
}

func BenchmarkComponents(b *testing.B) {
	features := cloud(2304, 768, 0.97)
	for b.Loop() {
		componentsOf(b, features, 768, 3)
	}
}
