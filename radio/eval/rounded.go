package eval

import (
	"context"
	"math"
	"unsafe"

	"cradio/cpu"
)

// A search in bfloat16 is sure of its answer, since it knows how wrong its products may be. Let q and
// t be unit vectors, q' and t' what rounding makes of them. Then, by Cauchy and Schwarz,
//
//	|q·t - q'·t'| <= |q - q'|·|t| + |q'|·|t - t'|
//
// Both distances are measured. A row that was not kept has a product of at most that of the worst
// row that was. If this and the bound together are below the k-th best cosine of those that were
// kept, which is exact, no such row can be among the nearest.

// roundedSpare is how many rows more than k are kept. Of random vectors a handful lie within the
// bound; of features of many classes, some dozen.
const roundedSpare = 44

// bound is how far the product of query q and of any row may be from their cosine. The float32 in
// which products are summed and unit vectors are kept add a little.
func (s *search) bound(q int) float64 {
	const single = 1.0 / (1 << 23)
	a, b := s.queryOff[q]+single, s.mostOff+single
	return a + (1+a)*b + float64(s.width+16)*single
}

// moved is how far a vector is from itself in bfloat16.
func moved(x []float32) float64 {
	var s0, s1 float64
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a, b := x[i]-nearest16(x[i]), x[i+1]-nearest16(x[i+1])
		s0 += float64(float64(a) * float64(a))
		s1 += float64(float64(b) * float64(b))
	}
	if i < len(x) {
		a := x[i] - nearest16(x[i])
		s0 += float64(float64(a) * float64(a))
	}
	return math.Sqrt(s0+s1) * (1 + 1e-9)
}

// nearest16 rounds a finite number to bfloat16, to even.
func nearest16(v float32) float32 {
	b := math.Float32bits(v)
	return math.Float32frombits((b + 0x7fff + b>>16&1) &^ 0xffff)
}

// roundQueries makes the operand of all queries.
func (s *search) roundQueries(pool *cpu.Pool) error {
	rows := len(s.queries) / s.width
	s.units = activations(rows, s.width)
	op := cpu.Convert{Y: s.units, X: s.unit}
	if err := op.Check(); err != nil {
		return err
	}
	op.Run(pool)
	s.unit = nil
	return nil
}

// activations is a matrix of zeros in bfloat16.
func activations(rows, cols int) *cpu.Activations {
	n := cpu.ActivationsBytes(cpu.BFloat16, rows, cols)
	const line = 64
	data := make([]byte, n+line)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(data)))) & (line - 1)
	return &cpu.Activations{Form: cpu.BFloat16, Rows: rows, Cols: cols, Data: data[skip : skip+n : skip+n]}
}

// packedRounded is packed in bfloat16.
func (s *search) packedRounded(pool *cpu.Pool, block []float32) func() error {
	w := cpu.PackLowPrecision(pool, block, s.rows, s.width, cpu.BFloat16)
	stride := cpu.ActivationsStride(cpu.BFloat16, s.width)
	return func() error {
		x := &cpu.Activations{Form: cpu.BFloat16, Rows: s.queryRows, Cols: s.width, Data: s.units.Data[s.firstQ*stride:][:s.queryRows*stride]}
		op := cpu.LowPrecisionLinear{Y: s.products[:s.queryRows*s.rows], X: x, W: w, Rows: s.queryRows}
		if err := op.Check(); err != nil {
			return err
		}
		op.Run(pool)
		return nil
	}
}

// again compares in float32 the queries of which the search is not sure.
func (s *search) again(ctx context.Context, opt Options) error {
	var which []int
	var queries []float32
	for q, unsure := range s.unsure {
		if unsure {
			which = append(which, q)
			queries = append(queries, s.queries[q*s.width:][:s.width]...)
		}
	}
	if len(which) == 0 {
		return nil
	}
	opt.Progress = nil
	slow := newSearch(s.train, queries, s.width, s.k, false)
	if err := slow.run(ctx, opt); err != nil {
		return err
	}
	for i, q := range which {
		copy(s.out.Rows[q*s.k:][:s.k], slow.out.Rows[i*s.k:][:s.k])
		copy(s.out.Cosine[q*s.k:][:s.k], slow.out.Cosine[i*s.k:][:s.k])
	}
	return nil
}
