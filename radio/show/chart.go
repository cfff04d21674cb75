package show

import (
	"fmt"
	stdimage "image"
	"image/color"
	"math"

	"cradio/radio/image"
)

// Chart draws curves over a common axis.
type Chart struct {
	Title  string // above the panel
	Under  string // what the horizontal axis is
	Lines  []Curve
	W, H   int  // pixels of the panel; 0 means 460 and 240
	LogY   bool // a logarithmic vertical axis, if all values are positive
	ZeroUp bool // the vertical axis begins at 0
}

// Curve is one line of a Chart: values Y at X, both in order. What is not finite is a gap.
type Curve struct {
	Name   string
	Colour [3]uint8
	X, Y   []float64
}

// Room around the area of a chart, pixels.
const (
	chartLeft, chartBelow   = 56, 36
	chartRight, chartAbove  = 10, 8
	chartWidth, chartHeight = 460, 240
	chartTicks              = 4
	chartGap                = 6 // between the numbers and the axis
)

// Panel draws the chart.
func (c *Chart) Panel() Panel {
	w, h := c.W, c.H
	if w == 0 {
		w = chartWidth
	}
	if h == 0 {
		h = chartHeight
	}
	f := textFace()
	x, y, scale := c.axes()
	left := chartLeft
	for i := range chartTicks + 1 {
		left = max(left, f.width(c.tick(y, i))+chartGap+2)
	}
	area := stdimage.Rect(left, chartAbove, w-chartRight, h-chartBelow)
	to := stdimage.NewRGBA(stdimage.Rect(0, 0, w, h))
	fill(to, to.Bounds(), paper)
	place := func(px, py float64) (float64, float64) {
		return float64(area.Min.X) + x.part(px)*float64(area.Dx()-1), float64(area.Max.Y-1) - y.part(scale(py))*float64(area.Dy()-1)
	}
	for i := range chartTicks + 1 {
		at := float64(i) / chartTicks
		row := area.Max.Y - 1 - int(math.Round(at*float64(area.Dy()-1)))
		fill(to, stdimage.Rect(area.Min.X, row, area.Max.X, row+1), color.RGBA{225, 228, 232, 255})
		text := c.tick(y, i)
		f.draw(to, area.Min.X-chartGap-f.width(text), row-f.height()/2, text, faint)
		text = fmt.Sprintf("%.4g", x.low+at*(x.high-x.low))
		col := area.Min.X + int(math.Round(at*float64(area.Dx()-1)))
		f.draw(to, min(max(0, col-f.width(text)/2), w-f.width(text)), area.Max.Y+3, text, faint)
	}
	frame(to, area, faint)
	f.draw(to, area.Min.X+(area.Dx()-f.width(c.Under))/2, area.Max.Y+3+f.height(), c.Under, faint)
	inside := to.SubImage(area).(*stdimage.RGBA)
	for _, line := range c.Lines {
		ink := color.RGBA{line.Colour[0], line.Colour[1], line.Colour[2], 255}
		last := -1
		for i := range line.Y {
			if !finite(scale(line.Y[i])) {
				last = -1
				continue
			}
			x1, y1 := place(line.X[i], line.Y[i])
			x0, y0 := x1, y1
			if last >= 0 {
				x0, y0 = place(line.X[last], line.Y[last])
			}
			stroke(inside, x0, y0, x1, y1, ink)
			last = i
		}
	}
	out := &image.RGB{H: h, W: w, Pix: make([]uint8, 3*w*h)}
	for i := range w * h {
		copy(out.Pix[3*i:3*i+3], to.Pix[4*i:])
	}
	return Panel{Title: c.Title, Image: out}
}

// tick is the number at tick i of the vertical axis.
func (c *Chart) tick(y axis, i int) string {
	value := y.low + float64(i)/chartTicks*(y.high-y.low)
	if c.LogY {
		value = math.Pow(10, value)
	}
	return fmt.Sprintf("%.3g", value)
}

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

// stroke draws a line of two pixels' width.
func stroke(to *stdimage.RGBA, x0, y0, x1, y1 float64, c color.RGBA) {
	n := int(math.Ceil(max(math.Abs(x1-x0), math.Abs(y1-y0), 1)))
	for i := range n + 1 {
		t := float64(i) / float64(n)
		x, y := int(math.Round(x0+t*(x1-x0))), int(math.Round(y0+t*(y1-y0)))
		fill(to, stdimage.Rect(x, y, x+2, y+2).Intersect(to.Bounds()), c)
	}
}
