package cpu

import "math"

// ClassLabels are the labels of a classification loss, one for each row of logits.
type ClassLabels[T Float] struct {
	Labels  []T // class numbers
	Classes int
	Ignore  int // the label of rows that do not count, 0 for none; negative ones never count
}

// Of rows that do not count, and of labels that are no class. A loss of the latter is NaN.
const (
	ignoredLabel = -1
	wrongLabel   = -2
)

// label is the class of row i, or one of the two.
func (l *ClassLabels[T]) label(i int) int {
	f := float64(l.Labels[i])
	switch {
	case f < 0 || l.Ignore != 0 && f == float64(l.Ignore):
		return ignoredLabel
	case !(f < float64(l.Classes)) || f != math.Trunc(f): // also NaN
		return wrongLabel
	}
	return int(f)
}

// workRows is one row of so many elements for each thread of a pool, kept from run to run.
type workRows[T Float] struct {
	memory []T
	size   int
}

func (w *workRows[T]) begin(p *Pool, size int) {
	w.size = size
	if n := p.Threads() * size; cap(w.memory) < n {
		w.memory = make([]T, n)
	}
}

func (w *workRows[T]) of(worker int) []T {
	return w.memory[:cap(w.memory)][worker*w.size:][:w.size]
}
