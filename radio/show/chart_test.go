package show_test

import (
	"math"
	"testing"

	"cradio/radio/show"

	"github.com/stretchr/testify/require"
)

// TestChart: a curve is where its values are, and gaps and odd values do no harm.
func TestChart(t *testing.T) {
	red := [3]uint8{200, 0, 0}
	c := show.Chart{Title: "loss", Under: "steps", Lines: []show.Curve{{Name: "loss", Colour: red, X: []float64{0, 1, 2, 3, 4}, Y: []float64{4, 2, math.NaN(), 1, 0}}}}
	p := c.Panel()
	require.Equal(t, "loss", p.Title)
	at := func(x, y int) [3]uint8 { return [3]uint8(p.Image.Pix[3*(y*p.Image.W+x):]) }
	require.Equal(t, red, at(57, 9), "the first value is the largest, at the top left")
	reds := 0
	for i := range p.Image.W * p.Image.H {
		if [3]uint8(p.Image.Pix[3*i:]) == red {
			reds++
		}
	}
	require.Greater(t, reds, 200)
	middle := 56 + (460-66)/2
	for y := range p.Image.H {
		require.NotEqual(t, red, at(middle, y), "NaN is a gap")
	}
	for _, c := range []show.Chart{
		{}, {LogY: true}, {Lines: []show.Curve{{X: []float64{1}, Y: []float64{1}}}},
		{LogY: true, Lines: []show.Curve{{X: []float64{1, 2}, Y: []float64{0, math.Inf(1)}}}},
		{ZeroUp: true, W: 200, H: 100, Lines: []show.Curve{{X: []float64{1, 2}, Y: []float64{5, 5}}}},
	} {
		require.NotEmpty(t, c.Panel().Image.Pix)
	}
}

// TestChartLabels: long numbers have room at the left.
func TestChartLabels(t *testing.T) {
	p := (&show.Chart{Lines: []show.Curve{{X: []float64{1, 2}, Y: []float64{-1.2345e-05, -1.2346e-05}}}}).Panel()
	for y := range p.Image.H {
		require.Equal(t, p.Image.Pix[3*(p.Image.W-1):][:3], p.Image.Pix[3*y*p.Image.W:][:3], "the first column is paper")
	}
}
