package pca

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Components are the principal components of a set of tokens.
type Components struct {
	Axes   *mat.Dense // (D, K), orthonormal; of each axis the largest entry is positive
	Scores *mat.Dense // (T, K), the centred tokens along the axes
	// Shares are the parts of the variance that lie along each axis, from 0 to
	// 1; all 0 where the tokens are one and the same.
	Shares []float64
}

// New finds the first k principal components of features (T, D), row-major.
func New(features []float32, tokens, width, k int) (*Components, error) {
	if tokens < 1 || width < 1 || len(features) != tokens*width {
		return nil, fmt.Errorf("pca: %d values, want %d tokens of %d", len(features), tokens, width)
	}
	if k < 1 || k > width {
		return nil, fmt.Errorf("pca: %d components, want 1 to %d, the width of a token", k, width)
	}
	x, total, err := centred(features, tokens, width)
	if err != nil {
		return nil, err
	}
	axes, values, err := leading(x, k)
	if err != nil {
		return nil, err
	}
	c := &Components{Axes: axes, Scores: new(mat.Dense), Shares: make([]float64, k)}
	orient(axes)
	c.Scores.Mul(x, axes)
	for i := range c.Shares {
		if total > 0 {
			c.Shares[i] = values[i] / total
		}
	}
	return c, nil
}

// centred is the features (T, D) less their mean, and the sum of their squares.
func centred(features []float32, tokens, width int) (*mat.Dense, float64, error) {
	x := mat.NewDense(tokens, width, nil)
	data := x.RawMatrix().Data
	mean := make([]float64, width)
	for i, v := range features {
		data[i] = float64(v)
		mean[i%width] += float64(v) / float64(tokens)
	}
	total := 0.0
	for i := range data {
		data[i] -= mean[i%width]
		total += data[i] * data[i]
	}
	if math.IsNaN(total) || math.IsInf(total, 0) {
		return nil, 0, fmt.Errorf("pca: the features hold NaN or infinity")
	}
	return x, total, nil
}

// orient gives each axis the sign that makes its largest entry positive, which
// does not change when a token is added or the picture is moved a little.
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

// The Krylov space of leading: blocks of `block` vectors, `depth` products,
// started again at most `restarts` times.
const (
	block, depth, restarts = 8, 8, 12
	tolerance              = 1e-7 // of a residual, in units of the largest eigenvalue
)

// leading finds the k leading eigenvectors (D, k) and eigenvalues of xᵀx by
// block Krylov iteration with restarts; x is (T, D). It multiplies by x only,
// which for three components is far less work than the whole spectrum.
// Musco and Musco, https://arxiv.org/abs/1504.05477, algorithm 2.
func leading(x *mat.Dense, k int) (*mat.Dense, []float64, error) {
	_, width := x.Dims()
	q := start(width, min(max(block, k+2), width))
	for restart := 0; ; restart++ {
		basis := orthonormal(krylov(x, q))
		vectors, values, err := ritz(x, basis)
		if err != nil {
			return nil, nil, err
		}
		_, n := q.Dims()
		q = mat.DenseCopyOf(vectors.Slice(0, width, 0, n))
		if restart == restarts || residual(x, q, values, k) <= tolerance*values[0] {
			return mat.DenseCopyOf(q.Slice(0, width, 0, k)), values[:k], nil
		}
	}
}

// start is a block of vectors that is the same on every run.
func start(width, n int) *mat.Dense {
	random := rand.New(rand.NewPCG(1, 2))
	q := mat.NewDense(width, n, nil)
	for i := range q.RawMatrix().Data {
		q.RawMatrix().Data[i] = random.NormFloat64()
	}
	return orthonormal(q)
}

// krylov is q, (xᵀx)·q, (xᵀx)²·q and so on, side by side, each block
// orthonormal; at most as many columns as rows.
func krylov(x, q *mat.Dense) *mat.Dense {
	width, n := q.Dims()
	blocks := max(min(depth, width/n), 1)
	all := mat.NewDense(width, n*blocks, nil)
	for i := range blocks {
		if i > 0 {
			q = orthonormal(squared(x, q))
		}
		all.Slice(0, width, i*n, (i+1)*n).(*mat.Dense).Copy(q)
	}
	return all
}

// squared is xᵀ·(x·q).
func squared(x, q *mat.Dense) *mat.Dense {
	var y, z mat.Dense
	y.Mul(x, q)
	z.Mul(x.T(), &y)
	return &z
}

// orthonormal replaces a by an orthonormal basis of as many columns, which
// spans a's columns and, where they are dependent, more.
func orthonormal(a *mat.Dense) *mat.Dense {
	g := a.RawMatrix()
	tau := make([]float64, g.Cols)
	work := []float64{0}
	lapack64.Geqrf(g, tau, work, -1) // how much room does it want?
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(g, tau, work, len(work))
	lapack64.Orgqr(g, tau, work, -1)
	work = make([]float64, max(int(work[0]), len(work)))
	lapack64.Orgqr(g, tau, work, len(work))
	return a
}

// ritz finds the eigenvectors of xᵀx within a basis, largest eigenvalue first.
func ritz(x, basis *mat.Dense) (vectors *mat.Dense, values []float64, err error) {
	_, n := basis.Dims()
	var y mat.Dense
	y.Mul(x, basis)
	small := mat.NewSymDense(n, nil)
	small.SymOuterK(1, y.T())
	var e mat.EigenSym
	if !e.Factorize(small, true) {
		return nil, nil, fmt.Errorf("pca: the eigenvalues of the features did not converge")
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

// residual is the largest ‖xᵀx·v - λ·v‖ of the first k vectors of q.
func residual(x, q *mat.Dense, values []float64, k int) float64 {
	width, _ := q.Dims()
	first := q.Slice(0, width, 0, k).(*mat.Dense)
	z := squared(x, mat.DenseCopyOf(first))
	worst := 0.0
	for j := range k {
		var d mat.VecDense
		d.AddScaledVec(z.ColView(j), -values[j], first.ColView(j))
		worst = max(worst, mat.Norm(&d, 2))
	}
	return worst
}
