package show

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Clusters are groups of tokens, sorted by size, the largest first.
type Clusters struct {
	Centres []float32 // (K, D), the mean of each cluster
	Sizes   []int     // (K), number of tokens
	Labels  []int     // (T), the cluster of each token
	// Inertia is the sum of the squared distances of tokens to their centres.
	Inertia float64
	Rounds  int // iterations of the best start
}

// ClusterOptions are the options of KMeans. The zero value is valid.
type ClusterOptions struct {
	Seed uint64
	// Cosine compares directions only: each token is first normalised to length 1.
	Cosine bool
	Rounds int // limit of iterations for each start; 0 means 100
	Starts int // random starts, of which the best is used; 0 means 4
}

// KMeans divides tokens (T, D), row-major, into k clusters. It starts with k-means++ (Arthur and
// Vassilvitskii 2007), and runs Lloyd's algorithm until nothing changes. If fewer than k
// tokens differ, there are fewer clusters. The same seed gives the same clusters, on any
// number of threads. If two centres are equally near, the token goes to the first.
func KMeans(ctx context.Context, features []float32, width, k int, opt ClusterOptions) (*Clusters, error) {
	if width < 1 || len(features) == 0 || len(features)%width != 0 {
		return nil, fmt.Errorf("clusters: %d values are not tokens of %d", len(features), width)
	}
	if k < 1 {
		return nil, fmt.Errorf("clusters: k is %d, must be at least 1", k)
	}
	if slices.ContainsFunc(features, func(v float32) bool { return v-v != 0 }) {
		return nil, errors.New("clusters: the features hold NaN or infinity")
	}
	m := &kmeans{x: features, width: width, n: len(features) / width}
	if opt.Cosine {
		m.x = unit(features, width)
	}
	rounds, starts := opt.Rounds, opt.Starts
	if rounds < 1 {
		rounds = 100
	}
	if starts < 1 {
		starts = 4
	}
	var best *Clusters
	for i := range starts {
		c, err := m.run(ctx, min(k, m.n), rounds, rand.New(rand.NewPCG(opt.Seed, uint64(i))))
		if err != nil {
			return nil, err
		}
		if best == nil || c.Inertia < best.Inertia {
			best = c
		}
	}
	best.sort(width)
	return best, nil
}

// unit divides each token by its length. Tokens of zeros stay zero.
func unit(features []float32, width int) []float32 {
	out := slices.Clone(features)
	for t := range len(out) / width {
		x := out[t*width:][:width]
		if n := norm(x); n > 0 {
			for i := range x {
				x[i] = float32(float64(x[i]) / n)
			}
		}
	}
	return out
}

type kmeans struct {
	x        []float32
	width, n int
}

func (m *kmeans) token(t int) []float32 { return m.x[t*m.width:][:m.width] }

// each calls f for every token, on all threads.
func (m *kmeans) each(f func(t int)) {
	const chunk = 64
	next := make(chan int)
	var done sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for first := range next {
				for t := first; t < min(first+chunk, m.n); t++ {
					f(t)
				}
			}
		})
	}
	for first := 0; first < m.n; first += chunk {
		next <- first
	}
	close(next)
	done.Wait()
}

// begin chooses centres among the tokens (k-means++). The probability of a token is proportional
// to the square of its distance to the nearest centre so far.
func (m *kmeans) begin(ctx context.Context, k int, random *rand.Rand) ([]float64, error) {
	far := slices.Repeat([]float64{math.Inf(1)}, m.n)
	var centres []float64
	at := random.IntN(m.n)
	for {
		first := len(centres)
		for _, v := range m.token(at) {
			centres = append(centres, float64(v))
		}
		if len(centres) == k*m.width {
			return centres, nil
		}
		m.each(func(t int) { far[t] = min(far[t], square(m.token(t), centres[first:])) })
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		total := 0.0
		for _, d := range far {
			total += d
		}
		if total == 0 { // every token is a centre
			return centres, nil
		}
		left := random.Float64() * total
		for t, d := range far {
			if d > 0 {
				at = t // the last token, if rounding leads past the end
				if left -= d; left < 0 {
					break
				}
			}
		}
	}
}

func square(x []float32, centre []float64) float64 {
	sum := 0.0
	for i, v := range x {
		d := float64(v) - centre[i]
		sum += float64(d * d)
	}
	return sum
}

func (m *kmeans) run(ctx context.Context, k, rounds int, random *rand.Rand) (*Clusters, error) {
	centres, err := m.begin(ctx, k, random)
	if err != nil {
		return nil, err
	}
	k = len(centres) / m.width
	c := &Clusters{Labels: slices.Repeat([]int{-1}, m.n)}
	far := make([]float64, m.n)
	labels := make([]int, m.n)
	for c.Rounds < rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.each(func(t int) {
			far[t] = math.Inf(1)
			for j := range k {
				if d := square(m.token(t), centres[j*m.width:][:m.width]); d < far[t] {
					far[t], labels[t] = d, j
				}
			}
		})
		m.refill(k, labels, far)
		c.Rounds++
		if slices.Equal(labels, c.Labels) {
			break
		}
		copy(c.Labels, labels)
		m.means(centres, labels)
	}
	c.Sizes = make([]int, k)
	for t, j := range c.Labels {
		c.Sizes[j]++
		c.Inertia += square(m.token(t), centres[j*m.width:][:m.width])
	}
	c.Centres = float32s(centres)
	return c, nil
}

// refill gives an empty cluster one token: the one that is farthest from its centre, from a
// cluster with several tokens.
func (m *kmeans) refill(k int, labels []int, far []float64) {
	sizes := make([]int, k)
	for _, j := range labels {
		sizes[j]++
	}
	for j := range sizes {
		if sizes[j] > 0 {
			continue
		}
		worst := -1
		for t, d := range far {
			if sizes[labels[t]] > 1 && (worst < 0 || d > far[worst]) {
				worst = t
			}
		}
		if worst < 0 {
			return
		}
		sizes[labels[worst]]--
		labels[worst], far[worst], sizes[j] = j, 0, 1
	}
}

// means computes the new centres. Each sum adds the tokens in order.
func (m *kmeans) means(centres []float64, labels []int) {
	clear(centres)
	sizes := make([]int, len(centres)/m.width)
	for t, j := range labels {
		sizes[j]++
		sum := centres[j*m.width:][:m.width]
		for i, v := range m.token(t) {
			sum[i] += float64(v)
		}
	}
	for i := range centres {
		centres[i] /= float64(max(sizes[i/m.width], 1))
	}
}

// sort sorts clusters by size, the largest first. Clusters of equal size are sorted by their
// first token.
func (c *Clusters) sort(width int) {
	first := slices.Repeat([]int{len(c.Labels)}, len(c.Sizes))
	for t, j := range slices.Backward(c.Labels) {
		first[j] = t
	}
	order := make([]int, len(c.Sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c.Sizes[a] != c.Sizes[b] {
			return c.Sizes[b] - c.Sizes[a]
		}
		return first[a] - first[b]
	})
	sorted := &Clusters{Labels: make([]int, len(c.Labels)), Inertia: c.Inertia, Rounds: c.Rounds}
	place := make([]int, len(order))
	for to, from := range order {
		place[from] = to
		sorted.Sizes = append(sorted.Sizes, c.Sizes[from])
		sorted.Centres = append(sorted.Centres, c.Centres[from*width:][:width]...)
	}
	for t, j := range c.Labels {
		sorted.Labels[t] = place[j]
	}
	*c = *sorted
}

// Paint draws the clusters of an image's tokens in their colours, at h×w pixels. smooth
// interpolates the borders between them.
func Paint(labels []int, rows, cols int, colours [][3]uint8, h, w int, smooth bool) Map {
	out := Map{h, w, 3, make([]float64, 3*h*w)}
	best := slices.Repeat([]float64{math.Inf(-1)}, h*w)
	for j, c := range colours {
		is := make([]float64, len(labels))
		any := false
		for t, l := range labels {
			if l == j {
				is[t], any = 1, true
			}
		}
		if !any {
			continue
		}
		for i, v := range NewMap(rows, cols, is).Resize(h, w, smooth).Values {
			if v > best[i] {
				best[i] = v
				for k := range 3 {
					out.Values[3*i+k] = float64(c[k]) / 255
				}
			}
		}
	}
	return out
}
