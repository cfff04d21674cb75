package eval_test

import (
	"math/rand/v2"
	"testing"

	"cradio/radio/eval"
)

// BenchmarkNearest is the search that bench/peers/knn.py compares with PyTorch: 10,000 queries
// among 50,000 rows of 768.
func BenchmarkNearest(b *testing.B) {
	const width = 768
	r := rand.New(rand.NewPCG(1, 2))
	features := func(n int) []float32 {
		v := make([]float32, n*width)
		for i := range v {
			v[i] = r.Float32() - 0.5
		}
		return v
	}
	train, queries := features(50_000), features(10_000)
	b.ResetTimer()
	for range b.N {
		if _, err := eval.Nearest(b.Context(), train, queries, width, 20, eval.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
