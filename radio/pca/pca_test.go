package pca

import (
	"bytes"
	stdpng "image/png"
	"math"
	"math/rand/v2"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// cloud is tokens whose variance falls off as decay^axis, in a random basis.
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
		"few tokens": {7, 40, 0.8}, "narrow": {50, 3, 0.7},
	} {
		t.Run(name, func(t *testing.T) {
			features := cloud(c.tokens, c.width, c.decay)
			got, err := New(features, c.tokens, c.width, 3)
			require.NoError(t, err)

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

func TestSignIsFixed(t *testing.T) {
	features := cloud(60, 20, 0.7)
	a, err := New(features, 60, 20, 3)
	require.NoError(t, err)
	b, err := New(features[:59*20], 59, 20, 3) // a token less
	require.NoError(t, err)
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

func TestDegenerate(t *testing.T) {
	for _, tokens := range []int{1, 2, 9} {
		c, err := New(make([]float32, tokens*8), tokens, 8, 3)
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0, 0}, c.Shares)
		require.Equal(t, uint8(128), c.Colours(1, tokens).Pix[0], "no variance is grey")
	}
	_, err := New([]float32{1, 2}, 1, 2, 3)
	require.ErrorContains(t, err, "3 components, want 1 to 2")
	_, err = New([]float32{1, 2}, 2, 2, 1)
	require.ErrorContains(t, err, "2 values, want 2 tokens of 2")
	_, err = New([]float32{1, float32(math.NaN())}, 1, 2, 1)
	require.ErrorContains(t, err, "NaN")
}

// TestColoursAreRobust: an outlier does not take the contrast of the others.
func TestColoursAreRobust(t *testing.T) {
	scores := mat.NewDense(400, 3, nil)
	for i := range 400 {
		scores.Set(i, 0, float64(i))
	}
	scores.Set(399, 0, 1e9)
	img := (&Components{Scores: scores}).Colours(20, 20)
	require.Equal(t, 20, img.H)
	require.Equal(t, uint8(0), img.Pix[0])
	require.Equal(t, uint8(255), img.Pix[3*399])
	require.InDelta(t, 128, float64(img.Pix[3*200]), 2)
	require.Equal(t, []uint8{128, 128}, img.Pix[1:3])
}

func TestBeside(t *testing.T) {
	left := &image.RGB{H: 1, W: 1, Pix: []uint8{1, 2, 3}}
	right := &image.RGB{H: 2, W: 1, Pix: []uint8{4, 5, 6, 7, 8, 9}}
	both := Beside(left, right, 1)
	require.Equal(t, 2, both.H)
	require.Equal(t, 3, both.W)
	require.Equal(t, []uint8{1, 2, 3, 255, 255, 255, 4, 5, 6, 255, 255, 255, 255, 255, 255, 7, 8, 9}, both.Pix)
}

func TestPNGHasTheComment(t *testing.T) {
	var b bytes.Buffer
	img := &image.RGB{H: 1, W: 2, Pix: []uint8{1, 2, 3, 4, 5, 6}}
	require.NoError(t, WritePNG(&b, img, "synthetic weights"))
	require.Contains(t, b.String(), "tEXtComment\x00synthetic weights")
	decoded, err := stdpng.Decode(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Equal(t, 2, decoded.Bounds().Dx())
	again, err := image.Decode(b.Bytes(), image.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, img.Pix, again.Pix)
}

func BenchmarkNew(b *testing.B) {
	features := cloud(2304, 768, 0.97)
	for b.Loop() {
		if _, err := New(features, 2304, 768, 3); err != nil {
			b.Fatal(err)
		}
	}
}
