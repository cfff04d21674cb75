package show

import (
	"fmt"
	"math"
)

// axis is the values along one side.
type axis struct{ low, high float64 }

func (s *axis) add(v float64) {
	if finite(v) {
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
}

func (s axis) part(v float64) float64 { return (v - s.low) / (s.high - s.low) }

// usable is an axis that is not empty.
func (s axis) usable() axis {
	switch {
	case s.low > s.high:
		return axis{0, 1}
	case s.low == s.high:
		return axis{s.low - 0.5, s.high + 0.5}
	}
	return s
}

// axes returns the axes, and what scales a value on the vertical one.
func (c *Chart) axes() (x, y axis, scale func(float64) float64) {
	scale = func(v float64) float64 { return v }
	if c.LogY {
		scale = math.Log10
	}
	x, y = axis{math.Inf(1), math.Inf(-1)}, axis{math.Inf(1), math.Inf(-1)}
	for _, line := range c.Lines {
		for i := range line.Y {
			x.add(line.X[i])
			y.add(scale(line.Y[i]))
		}
	}
	if c.ZeroUp && !c.LogY {
		y.add(0)
	}
	return x.usable(), y.usable(), scale
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// tick is a number beside an axis, at a part of its length.
type tick struct {
	at   float64
	text string
}

// mostSteps is how many steps there are between ticks, at most.
const mostSteps = 6

// ticks are at multiples of 1, 2 or 5 times a power of ten; of whole numbers alone, at whole ones.
func ticks(s axis, whole bool) (all []tick) {
	step := math.Pow(10, math.Floor(math.Log10((s.high-s.low)/mostSteps)))
	if whole {
		step = max(step, 1)
	}
	for _, factor := range []float64{1, 2, 2.5, 2} { // 1, 2, 5, 10
		if step *= factor; (s.high-s.low)/step <= mostSteps {
			break
		}
	}
	for n := math.Ceil(s.low / step); n*step <= s.high && len(all) <= mostSteps; n++ {
		all = append(all, tick{s.part(n * step), fmt.Sprintf("%.6g", n*step)})
	}
	return all
}

// rowTicks are those of the vertical axis.
func (c *Chart) rowTicks(y axis) (all []tick) {
	if !c.LogY {
		return ticks(y, false)
	}
	const quarters = 4
	for i := range quarters + 1 {
		at := float64(i) / quarters
		all = append(all, tick{at, fmt.Sprintf("%.3g", math.Pow(10, y.low+at*(y.high-y.low)))})
	}
	return all
}

// wholeX says whether all numbers along the horizontal axis are whole, as those of steps are.
func (c *Chart) wholeX() bool {
	for _, line := range c.Lines {
		for _, x := range line.X {
			if x != math.Trunc(x) {
				return false
			}
		}
	}
	return true
}
