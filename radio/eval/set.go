package eval

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Set is feature vectors with labels.
type Set struct {
	Features []float32 // (N, Width), row-major
	Width    int
	Labels   []int // (N), classes from 0
}

// Len returns N.
func (s Set) Len() int { return len(s.Labels) }

// Row returns the features of row i. It shares their memory.
func (s Set) Row(i int) []float32 { return s.Features[i*s.Width:][:s.Width] }

// Select returns a copy of some rows, in the order given.
func (s Set) Select(rows []int) Set {
	out := Set{Features: make([]float32, 0, len(rows)*s.Width), Width: s.Width, Labels: make([]int, 0, len(rows))}
	for _, i := range rows {
		out.Features = append(out.Features, s.Row(i)...)
		out.Labels = append(out.Labels, s.Labels[i])
	}
	return out
}

// Join returns a copy of the rows of s, followed by those of more.
func (s Set) Join(more Set) Set {
	return Set{Features: slices.Concat(s.Features, more.Features), Width: s.Width, Labels: slices.Concat(s.Labels, more.Labels)}
}

// Check returns an error unless s is a set for this number of classes. name is what the
// message calls it.
func (s Set) Check(name string, classes int) error {
	if err := checkRows(name, s.Features, s.Width); err != nil {
		return err
	}
	if n := len(s.Features) / s.Width; n != len(s.Labels) {
		return fmt.Errorf("%s: has %d rows of features and %d labels; give each row one label", name, n, len(s.Labels))
	}
	for i, l := range s.Labels {
		if l < 0 || l >= classes {
			return fmt.Errorf("%s: the label of row %d is %d: must be 0 to %d", name, i, l, classes-1)
		}
	}
	return nil
}

// checkRows returns an error unless features are rows of finite numbers.
func checkRows(name string, features []float32, width int) error {
	switch {
	case width < 1:
		return fmt.Errorf("%s: the width of the features is %d: must be at least 1", name, width)
	case len(features) == 0:
		return fmt.Errorf("%s: has no rows", name)
	case len(features)%width != 0:
		return fmt.Errorf("%s: %d numbers are not rows of %d", name, len(features), width)
	}
	for i, v := range features {
		if v-v != 0 {
			return fmt.Errorf("%s: feature %d of row %d is %g: must be finite; leave the row out", name, i%width, i/width, v)
		}
	}
	return nil
}

// Counts returns the number of rows of each class.
func (s Set) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, l := range s.Labels {
		counts[l]++
	}
	return counts
}

// FewShot chooses n rows of each class at random, and returns them in ascending order.
// A class with fewer rows gives all it has. Equal seeds give equal rows. Of two n, the
// rows of the smaller are among those of the larger.
func FewShot(labels []int, n int, seed uint64) []int {
	random := rand.New(rand.NewPCG(seed, 0x66657773686f74)) // "fewshot"
	taken := map[int]int{}
	var rows []int
	for _, i := range random.Perm(len(labels)) {
		if taken[labels[i]] < n {
			taken[labels[i]]++
			rows = append(rows, i)
		}
	}
	slices.Sort(rows)
	return rows
}
