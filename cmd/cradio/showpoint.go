package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cradio/radio"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// point is a place in an image as it was given.
type point struct {
	text string
	x, y float64
	part bool // x and y are parts of the width and height, and not pixels
}

// pointHelp is how a place is given.
const pointHelp = `A place X,Y is in pixels of the image file, from the left and from the top, counted
from 0 (with --orient of the image as it is turned); or, with decimal points, in parts of
its width and height: 0.5,0.5 is the middle.`

// parsePoint reads a place.
func parsePoint(cmd *cobra.Command, flag, text string) (point, error) {
	wrong := usage(cmd, "--%s %s: must be X,Y: pixels of the image such as 120,80, or parts of it such as 0.5,0.25", flag, shown(text))
	xs, ys, found := strings.Cut(text, ",")
	xs, ys = strings.TrimSpace(xs), strings.TrimSpace(ys)
	x, errX := strconv.ParseFloat(xs, 64)
	y, errY := strconv.ParseFloat(ys, 64)
	if !found || errX != nil || errY != nil || x-x != 0 || y-y != 0 {
		return point{}, wrong
	}
	p := point{text, x, y, strings.ContainsAny(xs+ys, ".eE")}
	switch {
	case p.part && (x < 0 || x > 1 || y < 0 || y > 1):
		return p, usage(cmd, "--%s %s: parts of an image must be 0 to 1, and pixels whole numbers", flag, shown(text))
	case !p.part && (x != math.Trunc(x) || y != math.Trunc(y)):
		return p, wrong
	}
	return p, nil
}

// in is the patch of a place, on a grid of rows×cols over what the model sees.
func (p point) in(enc *radio.Encoder, flag string, original, img *image.RGB, rows, cols int) (row, col int, err error) {
	x, y := p.x+0.5, p.y+0.5
	if p.part {
		// The right and lower edges belong to the last pixels.
		x, y = min(p.x*float64(original.W), float64(original.W)-0.5), min(p.y*float64(original.H), float64(original.H)-0.5)
	}
	if x < 0 || y < 0 || x > float64(original.W) || y > float64(original.H) {
		return 0, 0, fmt.Errorf("--%s %s: is outside the image, which is %d×%d pixels: X must be 0 to %d, Y 0 to %d",
			flag, p.text, original.W, original.H, original.W-1, original.H-1)
	}
	sy, sx, err := enc.Place(original.H, original.W, y, x)
	if err != nil {
		return 0, 0, err
	}
	if sx < 0 || sy < 0 || sx >= float64(img.W) || sy >= float64(img.H) {
		return 0, 0, fmt.Errorf("--%s %s: is cut off by the crop of preprocessor_config.json; choose another place, or another --size", flag, p.text)
	}
	return int(sy * float64(rows) / float64(img.H)), int(sx * float64(cols) / float64(img.W)), nil
}
