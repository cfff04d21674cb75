package show

import (
	"math"

	"cradio/radio/image"
)

// Map holds one or several numbers for each patch of an image.
type Map struct {
	Rows, Cols, Channels int
	Values               []float64 // (rows, cols, channels)
}

// NewMap returns a map with one channel.
func NewMap(rows, cols int, values []float64) Map { return Map{rows, cols, 1, values} }

// Range returns the smallest and the largest value.
func (m Map) Range() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range m.Values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// Resize resizes a map to h×w pixels. Each patch becomes a rectangle of its value. smooth
// uses bicubic interpolation instead, which may slightly exceed the range of the values.
func (m Map) Resize(h, w int, smooth bool) Map {
	out := Map{h, w, m.Channels, make([]float64, h*w*m.Channels)}
	if !smooth {
		for y := range h {
			row := y * m.Rows / h
			for x := range w {
				col := x * m.Cols / w
				copy(out.Values[(y*w+x)*m.Channels:][:m.Channels], m.Values[(row*m.Cols+col)*m.Channels:])
			}
		}
		return out
	}
	rows, cols := cubics(m.Rows, h), cubics(m.Cols, w)
	line := make([]float64, m.Cols*m.Channels) // one row of pixels, at the columns of the patches
	for y := range h {
		clear(line)
		for i, weight := range rows[y].weights {
			for j, v := range m.Values[rows[y].at[i]*len(line):][:len(line)] {
				line[j] += weight * v
			}
		}
		for x := range w {
			for c := range m.Channels {
				sum := 0.0
				for i, weight := range cols[x].weights {
					sum += weight * line[cols[x].at[i]*m.Channels+c]
				}
				out.Values[(y*w+x)*m.Channels+c] = sum
			}
		}
	}
	return out
}

// taps are the four values that a pixel depends on, and their weights.
type taps struct {
	at      [4]int
	weights [4]float64
}

// cubics interpolates n values at m positions, with Keys' cubic for a = -0.5, as in Pillow.
// Positions beyond the edge use the value at the edge.
func cubics(n, m int) []taps {
	all := make([]taps, m)
	for i := range all {
		at := (float64(i)+0.5)*float64(n)/float64(m) - 0.5
		first := int(math.Floor(at)) - 1
		for k := range 4 {
			d := math.Abs(at - float64(first+k))
			weight := 0.0
			switch {
			case d < 1:
				weight = (1.5*d-2.5)*d*d + 1
			case d < 2:
				weight = ((-0.5*d+2.5)*d-4)*d + 2
			}
			all[i].at[k] = min(max(first+k, 0), n-1)
			all[i].weights[k] = weight
		}
	}
	return all
}

// Paint colours each pixel of a resized map by its channels.
func (m Map) Paint(colour func(values []float64) [3]uint8) *image.RGB {
	out := &image.RGB{H: m.Rows, W: m.Cols, Pix: make([]uint8, 0, 3*m.Rows*m.Cols)}
	for i := range m.Rows * m.Cols {
		c := colour(m.Values[i*m.Channels:][:m.Channels])
		out.Pix = append(out.Pix, c[:]...)
	}
	return out
}

// RGB converts three channels, 0 to 1, to a colour.
func RGB(values []float64) [3]uint8 {
	return [3]uint8{level(values[0]), level(values[1]), level(values[2])}
}

func level(v float64) uint8 { return uint8(math.Round(255 * min(max(v, 0), 1))) }

// Blend blends over onto under, an image of the same size. alpha is the opacity of over, 0 to 1.
func Blend(under, over *image.RGB, alpha float64) *image.RGB {
	out := &image.RGB{H: under.H, W: under.W, Pix: make([]uint8, len(under.Pix))}
	for i, v := range under.Pix {
		out.Pix[i] = uint8(math.Round(float64(v)*(1-alpha) + float64(over.Pix[i])*alpha))
	}
	return out
}
