package eval

import "math"

// compensated is a sum whose rounding errors are added up beside it (Neumaier 1974). Near the
// minimum the line search compares losses that differ in the last digits.
type compensated struct{ sum, lost float64 }

func (c *compensated) add(v float64) {
	t := c.sum + v
	if math.Abs(c.sum) >= math.Abs(v) {
		c.lost += (c.sum - t) + v
	} else {
		c.lost += (v - t) + c.sum
	}
	c.sum = t
}

func (c *compensated) value() float64 { return c.sum + c.lost }
