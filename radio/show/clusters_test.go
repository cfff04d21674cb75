package show

import (
	"context"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// groups returns tokens of 5 numbers around three centres: 30, 20 and 10 of them, mixed.
func groups() (features []float32, want []int) {
	noise := cloud(60, 5, 0.9)
	for i := range 60 {
		g := []int{0, 1, 0, 1, 0, 2}[i%6]
		want = append(want, g)
		for j := range 5 {
			v := 0.05 * (noise[i*5+j] - 5)
			if j == g {
				v += 10
			}
			features = append(features, v)
		}
	}
	return features, want
}

func TestKMeans(t *testing.T) {
	features, want := groups()
	for _, cosine := range []bool{false, true} {
		for seed := range uint64(20) {
			c, err := KMeans(context.Background(), features, 5, 3, ClusterOptions{Seed: seed, Cosine: cosine})
			require.NoError(t, err)
			require.Equal(t, want, c.Labels, "the largest group comes first")
			require.Equal(t, []int{30, 20, 10}, c.Sizes)
			inertia := 0.0
			for i, g := range c.Labels {
				x := features
				if cosine {
					x = unit(features, 5)
				}
				centre := make([]float64, 5)
				for j := range centre {
					centre[j] = float64(c.Centres[g*5+j])
				}
				inertia += square(x[i*5:][:5], centre)
			}
			require.InDelta(t, inertia, c.Inertia, 1e-5*inertia)
		}
	}
}

func TestKMeansOnAnyThreads(t *testing.T) {
	features := cloud(500, 20, 0.95)
	want, err := KMeans(context.Background(), features, 20, 9, ClusterOptions{Seed: 3})
	require.NoError(t, err)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	got, err := KMeans(context.Background(), features, 20, 9, ClusterOptions{Seed: 3})
	require.NoError(t, err)
	require.Equal(t, want, got)
	other, err := KMeans(context.Background(), features, 20, 9, ClusterOptions{Seed: 4, Starts: 1})
	require.NoError(t, err)
	require.NotEqual(t, want.Labels, other.Labels)
	require.GreaterOrEqual(t, other.Inertia, want.Inertia*0.99)
}

func TestKMeansDegenerate(t *testing.T) {
	for name, c := range map[string]struct {
		features []float32
		k        int
		sizes    []int
	}{
		"one patch":         {[]float32{1, 2}, 6, []int{1}},
		"all alike":         {[]float32{1, 2, 1, 2, 1, 2}, 2, []int{3}},
		"more than patches": {[]float32{1, 2, 3, 4, 5, 6}, 9, []int{1, 1, 1}},
		"two that differ":   {[]float32{0, 0, 5, 5, 0, 0, 5, 5, 0, 0}, 4, []int{3, 2}},
		"zeros":             {make([]float32, 8), 3, []int{4}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, cosine := range []bool{false, true} {
				got, err := KMeans(context.Background(), c.features, 2, c.k, ClusterOptions{Cosine: cosine && name != "more than patches"})
				require.NoError(t, err)
				require.Equal(t, c.sizes, got.Sizes)
				require.Len(t, got.Centres, 2*len(c.sizes))
			}
		})
	}
	_, err := KMeans(context.Background(), []float32{1}, 1, 0, ClusterOptions{})
	require.ErrorContains(t, err, "must be at least 1")
	_, err = KMeans(context.Background(), []float32{1, 2, 3}, 2, 1, ClusterOptions{})
	require.ErrorContains(t, err, "3 values are not tokens of 2")
	_, err = KMeans(context.Background(), []float32{1, float32(math.Inf(1))}, 2, 1, ClusterOptions{})
	require.ErrorContains(t, err, "NaN or infinity")
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = KMeans(stopped, cloud(50, 4, 1), 4, 3, ClusterOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestPaint(t *testing.T) {
	colours := [][3]uint8{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}}
	for _, smooth := range []bool{false, true} {
		m := Paint([]int{0, 2, 0, 2}, 2, 2, colours, 8, 8, smooth).Paint(RGB)
		require.Equal(t, []uint8{255, 0, 0}, m.Pix[:3])
		require.Equal(t, []uint8{0, 0, 255}, m.Pix[3*7:3*8])
		for i := 0; i < len(m.Pix); i += 3 {
			require.True(t, slices.Contains(colours, [3]uint8(m.Pix[i:i+3])), "no colour between two groups")
		}
	}
	seen := map[[3]uint8]bool{}
	for _, c := range Palette(24) {
		require.False(t, seen[c])
		seen[c] = true
	}
	require.Equal(t, Palette(3), Palette(24)[:3])
}
