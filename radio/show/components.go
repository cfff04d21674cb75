package show

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Scatter accumulates the scatter matrix of tokens, one set of tokens at a time. It needs memory
// for D×D numbers, for any number of tokens.
type Scatter struct {
	width, tokens int
	shift         []float64  // close to the mean, so that sums of squares stay exact
	sum           []float64  // of x - shift
	squares       *mat.Dense // (D, D), the sum of (x - shift)·(x - shift)ᵀ
}

// NewScatter returns a Scatter without tokens. Each token has D = width numbers.
func NewScatter(width int) (*Scatter, error) {
	const most = 1 << 14 // D×D numbers of 8 bytes are 2 GiB
	if width < 1 || width > most {
		return nil, fmt.Errorf("components: the width of a token is %d, must be 1 to %d", width, most)
	}
	return &Scatter{width: width, sum: make([]float64, width), squares: mat.NewDense(width, width, nil)}, nil
}

// Add adds features (T, D), row-major. leave marks tokens to exclude; nil excludes none.
func (s *Scatter) Add(features []float32, leave []bool) error {
	if len(features)%s.width != 0 {
		return fmt.Errorf("components: %d values are not tokens of %d", len(features), s.width)
	}
	var kept []float64
	for t := range len(features) / s.width {
		if leave != nil && leave[t] {
			continue
		}
		for _, v := range features[t*s.width:][:s.width] {
			if v-v != 0 {
				return fmt.Errorf("components: token %d holds %v", t, v)
			}
			kept = append(kept, float64(v))
		}
	}
	n := len(kept) / s.width
	if n == 0 {
		return nil
	}
	if s.shift == nil {
		s.shift = make([]float64, s.width)
		for i, v := range kept {
			s.shift[i%s.width] += v / float64(n)
		}
	}
	for i := range kept {
		kept[i] -= s.shift[i%s.width]
		s.sum[i%s.width] += kept[i]
	}
	x := blas64.General{Rows: n, Cols: s.width, Stride: s.width, Data: kept}
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, x, x, 1, s.squares.RawMatrix()) // the same bits on any number of threads
	s.tokens += n
	return nil
}

// Tokens returns the number of tokens added.
func (s *Scatter) Tokens() int { return s.tokens }

// Components are the leading principal components of tokens.
type Components struct {
	Mean []float64  // (D)
	Axes *mat.Dense // (D, K), orthonormal; of each axis the largest entry is positive
	// Shares are the fractions of the variance along each axis, 0 to 1. They are 0 if all
	// tokens are equal.
	Shares []float64
}

// Components computes the first k components.
func (s *Scatter) Components(k int) (*Components, error) {
	if s.tokens == 0 {
		return nil, errors.New("components: no tokens are left: exclude fewer")
	}
	if k < 1 || k > s.width {
		return nil, fmt.Errorf("components: k is %d, must be 1 to %d, the width of a token", k, s.width)
	}
	c := &Components{Mean: make([]float64, s.width), Shares: make([]float64, k)}
	around := mat.DenseCopyOf(s.squares)
	total := 0.0
	for i, v := range s.sum {
		c.Mean[i] = s.shift[i] + v/float64(s.tokens)
		for j, u := range s.sum {
			around.Set(i, j, around.At(i, j)-v*u/float64(s.tokens))
		}
		around.Set(i, i, max(around.At(i, i), 0))
		total += around.At(i, i)
	}
	if math.IsInf(total, 0) || math.IsNaN(total) {
		return nil, errors.New("components: the features are too large for float64 sums of squares")
	}
	var values []float64
	var err error
	if c.Axes, values, err = leading(around, k); err != nil {
		return nil, err
	}
	orient(c.Axes)
	for i := range c.Shares {
		if total > 0 {
			c.Shares[i] = values[i] / total
		}
	}
	return c, nil
}

// orient chooses the sign of each axis so that its largest entry is positive. This sign is
// stable when tokens are added or the image shifts slightly.
func orient(axes *mat.Dense) {
	rows, cols := axes.Dims()
	for j := range cols {
		largest := 0.0
		for i := range rows {
			if v := axes.At(i, j); math.Abs(v) > math.Abs(largest) {
				largest = v
			}
		}
		if largest < 0 {
			for i := range rows {
				axes.Set(i, j, -axes.At(i, j))
			}
		}
	}
}

// The Krylov space of leading: blocks of `block` vectors, `depth` products, and at most
// `restarts` restarts.
const (
	block, depth, restarts = 8, 8, 12
	tolerance              = 1e-9 // of a residual, relative to the largest eigenvalue
)

// leading computes the k leading eigenvectors (D, k) and eigenvalues of the symmetric matrix s,
// by block Krylov iteration with restarts. For k = 3 this is much faster than computing the
// whole spectrum. Musco and Musco, https://arxiv.org/abs/1504.05477, algorithm 2.
func leading(s *mat.Dense, k int) (*mat.Dense, []float64, error) {
	width, _ := s.Dims()
	n := max(block, k+2)
	if width <= n*depth { // the Krylov space is the whole space: one iteration is enough
		n = width
	}
	q := start(width, n)
	for restart := 0; ; restart++ {
		basis := orthonormal(krylov(s, q))
		vectors, values, err := ritz(s, basis)
		if err != nil {
			return nil, nil, err
		}
		q = mat.DenseCopyOf(vectors.Slice(0, width, 0, n))
		if restart == restarts || residual(s, q, values, k) <= tolerance*values[0] {
			return mat.DenseCopyOf(q.Slice(0, width, 0, k)), values[:k], nil
		}
	}
}

// start returns a block of pseudorandom vectors, the same in every run.
func start(width, n int) *mat.Dense {
	random := rand.New(rand.NewPCG(1, 2))
	q := mat.NewDense(width, n, nil)
	for i := range q.RawMatrix().Data {
		q.RawMatrix().Data[i] = random.NormFloat64()
	}
	return orthonormal(q)
}

// krylov returns q, s·q, s²·q and so on, side by side, each block orthonormal. If q spans the
// whole space, it returns q only.
func krylov(s, q *mat.Dense) *mat.Dense {
	width, n := q.Dims()
	blocks := depth
	if n == width {
		blocks = 1
	}
	all := mat.NewDense(width, n*blocks, nil)
	for i := range blocks {
		if i > 0 {
			var next mat.Dense
			next.Mul(s, q)
			q = orthonormal(&next)
		}
		all.Slice(0, width, i*n, (i+1)*n).(*mat.Dense).Copy(q)
	}
	return all
}

// orthonormal replaces a by an orthonormal basis with the same number of columns. It spans the
// columns of a, and more if they are dependent.
func orthonormal(a *mat.Dense) *mat.Dense {
	g := a.RawMatrix()
	tau := make([]float64, g.Cols)
	work := []float64{0}
	lapack64.Geqrf(g, tau, work, -1) // query the size of the workspace
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(g, tau, work, len(work))
	lapack64.Orgqr(g, tau, work, -1)
	work = make([]float64, max(int(work[0]), len(work)))
	lapack64.Orgqr(g, tau, work, len(work))
	return a
}

// ritz computes the eigenvectors of s within a basis, the largest eigenvalue first.
func ritz(s, basis *mat.Dense) (vectors *mat.Dense, values []float64, err error) {
	_, n := basis.Dims()
	var y, inside mat.Dense
	y.Mul(s, basis)
	inside.Mul(basis.T(), &y)
	small := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			small.SetSym(i, j, (inside.At(i, j)+inside.At(j, i))/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(small, true) {
		return nil, nil, errors.New("components: the eigenvalues of the features did not converge")
	}
	var ascending mat.Dense
	e.VectorsTo(&ascending)
	descending := mat.NewDense(n, n, nil)
	values = make([]float64, n)
	for j := range n {
		values[j] = max(e.Values(nil)[n-1-j], 0)
		descending.SetCol(j, mat.Col(nil, n-1-j, &ascending))
	}
	vectors = new(mat.Dense)
	vectors.Mul(basis, descending)
	return vectors, values, nil
}

// residual returns the largest ‖s·v - λ·v‖ of the first k vectors of q.
func residual(s, q *mat.Dense, values []float64, k int) float64 {
	width, _ := q.Dims()
	first := q.Slice(0, width, 0, k).(*mat.Dense)
	var z mat.Dense
	z.Mul(s, first)
	worst := 0.0
	for j := range k {
		var d mat.VecDense
		d.AddScaledVec(z.ColView(j), -values[j], first.ColView(j))
		worst = max(worst, mat.Norm(&d, 2))
	}
	return worst
}
