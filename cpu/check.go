package cpu

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cradio/cpu/internal/pool"
)

// checker keeps the first thing that is wrong with an operation's fields.
type checker struct {
	op  string
	err error
}

func checking(op string) *checker { return &checker{op: op} }

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("cpu."+c.op+": "+format, args...)
	}
}

// least asks for an integer field of at least low.
func (c *checker) least(name string, v, low int) {
	if v < low {
		c.fail("%s is %d, want at least %d", name, v, low)
	}
}

// length asks for a slice of exactly the product of dims.
func (c *checker) length(name string, have int, dims ...int) {
	want, ok := pool.Size(dims...)
	switch {
	case !ok:
		c.fail("%s would have %s elements: a negative size, or more than an int can count", name, times(dims))
	case have != want:
		c.fail("%s has %d elements, want %s = %d", name, have, times(dims), want)
	}
}

// room asks for scratch of at least want elements.
func (c *checker) room(name string, have, want int) {
	if have < want {
		c.fail("%s has %d elements, want at least %d", name, have, want)
	}
}

func times(dims []int) string {
	s := make([]string, len(dims))
	for i, d := range dims {
		s[i] = fmt.Sprint(d)
	}
	return strings.Join(s, "·")
}

// activations asks for a matrix in one of some forms.
func (c *checker) activations(name string, n *Activations, rows, cols int, want ...Form) {
	if n == nil {
		c.fail("%s is nil, want a matrix", name)
		return
	}
	if !slices.Contains(want, n.Form) {
		c.fail("%s is %v, want one of %v", name, n.Form, want)
	}
	if n.Rows != rows || n.Cols != cols {
		c.fail("%s is (%d, %d), want (%d, %d)", name, n.Rows, n.Cols, rows, cols)
	}
	if c.err == nil && cols > math.MaxInt/8 {
		c.fail("%s has %d columns: more than an int can count in bytes", name, cols)
	}
	if c.err == nil {
		c.length(name+".Data", len(n.Data), rows, ActivationsStride(n.Form, cols))
	}
}
