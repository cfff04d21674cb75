package show

import (
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
	rows, columns := c.rowTicks(y), ticks(x, c.wholeX())
	left := chartLeft
	for _, t := range rows {
		left = max(left, f.width(t.text)+chartGap+2)
	}
	area := stdimage.Rect(left, chartAbove, w-chartRight, h-chartBelow)
	to := stdimage.NewRGBA(stdimage.Rect(0, 0, w, h))
	fill(to, to.Bounds(), paper)
	place := func(px, py float64) (float64, float64) {
		return float64(area.Min.X) + x.part(px)*float64(area.Dx()-1), float64(area.Max.Y-1) - y.part(scale(py))*float64(area.Dy()-1)
	}
	for _, t := range rows {
		row := area.Max.Y - 1 - int(math.Round(t.at*float64(area.Dy()-1)))
		fill(to, stdimage.Rect(area.Min.X, row, area.Max.X, row+1), color.RGBA{225, 228, 232, 255})
		f.draw(to, area.Min.X-chartGap-f.width(t.text), row-f.height()/2, t.text, faint)
	}
	for _, t := range columns {
		col := area.Min.X + int(math.Round(t.at*float64(area.Dx()-1)))
		f.draw(to, min(max(0, col-f.width(t.text)/2), w-f.width(t.text)), area.Max.Y+3, t.text, faint)
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

// stroke draws a line of two pixels' width.
func stroke(to *stdimage.RGBA, x0, y0, x1, y1 float64, c color.RGBA) {
	n := int(math.Ceil(max(math.Abs(x1-x0), math.Abs(y1-y0), 1)))
	for i := range n + 1 {
		t := float64(i) / float64(n)
		x, y := int(math.Round(x0+t*(x1-x0))), int(math.Round(y0+t*(y1-y0)))
		fill(to, stdimage.Rect(x, y, x+2, y+2).Intersect(to.Bounds()), c)
	}
}
