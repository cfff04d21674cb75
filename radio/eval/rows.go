package eval

import (
	"fmt"
	"math"

	"cradio/cpu"
)

// Rows are labelled feature vectors that are read where they lie, such as in a mapped store of
// cached features. Row functions may be called by several goroutines at once.
type Rows struct {
	Float32  func(i int) []float32 // row i, (Width), or nil:
	BFloat16 func(i int) []uint16  // the upper halves of float32
	Width    int
	Labels   []int // (N), classes from 0
}

// Rows returns the rows of s, which share its memory.
func (s Set) Rows() Rows { return Rows{Float32: s.Row, Width: s.Width, Labels: s.Labels} }

// Len returns N.
func (r Rows) Len() int { return len(r.Labels) }

// row returns row i as float32. buffer has room for one.
func (r Rows) row(i int, buffer []float32) []float32 {
	if r.Float32 != nil {
		return r.Float32(i)
	}
	for j, v := range r.BFloat16(i) {
		buffer[j] = math.Float32frombits(uint32(v) << 16)
	}
	return buffer
}

// check returns an error unless r has rows and their labels are those of classes. It does not
// read the rows.
func (r Rows) check(name string, classes int) error {
	switch {
	case (r.Float32 == nil) == (r.BFloat16 == nil):
		return fmt.Errorf("%s: has rows of float32 and of bfloat16, or of neither: give one of the two", name)
	case r.Width < 1:
		return fmt.Errorf("%s: the width of the features is %d: must be at least 1", name, r.Width)
	case len(r.Labels) == 0:
		return fmt.Errorf("%s: has no rows", name)
	}
	for i, l := range r.Labels {
		if l < 0 || l >= classes {
			return fmt.Errorf("%s: the label of row %d is %d: must be 0 to %d", name, i, l, classes-1)
		}
	}
	return nil
}

// finite returns an error that names the first of some rows with a feature that is not finite.
func (r Rows) finite(name string, rows []int) error {
	buffer := make([]float32, r.Width)
	for _, i := range rows {
		for j, v := range r.row(i, buffer) {
			if v-v != 0 {
				return fmt.Errorf("%s: feature %d of row %d is %g: must be finite; leave the row out", name, j, i, v)
			}
		}
	}
	return nil
}

// scaleRows is how many rows are added up at a time. The order of sums follows from it.
const scaleRows = 512

// scaleTask adds up some rows, or the squares of their distances from the mean.
type scaleTask struct {
	rows Rows
	mean []float64   // nil: adds up the rows
	sums [][]float64 // by pieces
}

func (t *scaleTask) Do(_, i int) {
	sums, buffer := make([]float64, t.rows.Width), make([]float32, t.rows.Width)
	for at := i * scaleRows; at < min((i+1)*scaleRows, t.rows.Len()); at++ {
		row := t.rows.row(at, buffer)[:len(sums)]
		if t.mean == nil {
			for j, v := range row {
				sums[j] += float64(v)
			}
			continue
		}
		mean := t.mean[:len(sums)]
		for j, v := range row {
			d := float64(v) - mean[j]
			sums[j] += float64(d * d)
		}
	}
	t.sums[i] = sums
}

// total returns the sums over all rows, over their number.
func (t *scaleTask) total(pool *cpu.Pool) []float64 {
	t.sums = make([][]float64, pieces(t.rows.Len(), scaleRows))
	pool.Run(len(t.sums), t)
	out := make([]float64, t.rows.Width)
	for _, sums := range t.sums {
		for j, v := range sums {
			out[j] += v
		}
	}
	for j := range out {
		out[j] /= float64(t.rows.Len())
	}
	return out
}
