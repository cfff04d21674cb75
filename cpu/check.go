package cpu

import (
	"fmt"
	"math/bits"
	"strings"
)

// checker collects the first thing that is wrong with an operation's fields.
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
	want, ok := product(dims)
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

// product multiplies sizes, and reports whether the result is an int.
func product(dims []int) (int, bool) {
	p := uint64(1)
	for _, d := range dims {
		if d < 0 {
			return 0, false
		}
		hi, lo := bits.Mul64(p, uint64(d))
		if hi != 0 || lo > uint64(^uint(0)>>1) {
			return 0, false
		}
		p = lo
	}
	return int(p), true
}

func times(dims []int) string {
	s := make([]string, len(dims))
	for i, d := range dims {
		s[i] = fmt.Sprint(d)
	}
	return strings.Join(s, "·")
}
