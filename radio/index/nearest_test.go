package index_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cpu"
	"cradio/radio/index"

	"github.com/stretchr/testify/require"
)

// kinds are rows of several kinds, some of which bounds hardly tell apart.
func kinds(r *rand.Rand, kind string, n, width int) []float32 {
	x := make([]float32, n*width)
	center := make([]float32, width)
	for i := range center {
		center[i] = float32(r.NormFloat64())
	}
	for i := range x {
		v := r.NormFloat64()
		switch row := i / width; kind {
		case "clustered": // as summaries are: near a common direction
			v = 4*float64(center[i%width]) + v
		case "equal": // all rows are copies of a few
			v = float64(center[(i%width*7+row%3)%width])
		case "sparse":
			if i%width%17 != row%17 {
				v = 0
			}
		case "lengths":
			v *= math.Ldexp(1, row%60-30)
		case "zeros":
			if row%2 == 0 {
				v = 0
			}
		}
		x[i] = float32(v)
	}
	return x
}

// TestExact: the rows found, and their scores, are those by the definition, whatever rows are like, at
// every level, with codes for all rows, for some or for none.
func TestExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for level := cpu.Plain; level <= cpu.BF16; level++ {
		pool, err := cpu.NewPoolAt(level, 3)
		if err != nil {
			continue // this machine lacks it
		}
		defer pool.Close()
		for _, kind := range []string{"normal", "clustered", "equal", "sparse", "lengths", "zeros"} {
			for _, size := range [][2]int{{1, 1}, {7, 3}, {300, 64}, {5000, 100}} {
				n, width := size[0], size[1]
				x := kinds(r, kind, n, width)
				for _, coded := range []int{0, n / 2, n} {
					for _, k := range []int{1, 10, n} {
						query := kinds(r, kind, 1, width)
						if k == 10 {
							query = append([]float32{}, x[n/3*width:][:width]...)
						}
						want, scores := index.ByDefinition(x, width, query, k)
						got, gotScores, err := index.Nearest(t.Context(), pool, x, width, coded, query, k)
						require.NoError(t, err)
						require.Equal(t, want, got, "%v, %s, %d×%d, %d coded, k %d", level, kind, n, width, coded, k)
						require.Equal(t, scores, gotScores)
					}
				}
			}
		}
	}
}

// TestRecall: of many rows and queries, all ten nearest are found, at every place.
func TestRecall(t *testing.T) {
	const n, width, k = 20000, 256, 10
	r := rand.New(rand.NewPCG(3, 4))
	for _, kind := range []string{"normal", "clustered"} {
		x := kinds(r, kind, n, width)
		rows := index.NewRows(x, width, n)
		for range 25 {
			query := kinds(r, kind, 1, width)
			want, _ := index.ByDefinition(x, width, query, k)
			got, err := rows.Find(t.Context(), cpu.Default(), query, k)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}
