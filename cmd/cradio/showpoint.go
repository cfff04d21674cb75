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

// point is a position in an image, as given on the command line.
type point struct {
	text string
	x, y float64
	part bool // x and y are fractions of the width and height, not pixels
}

// pointHelp describes how to give a position.
const pointHelp = `X,Y are pixels of the image file: X from the left and Y from the top, starting at 0. With
decimal points they are fractions of the width and height: 0.5,0.5 is the centre. With
--orient they refer to the oriented image.`

// parsePoint parses a position.
func parsePoint(cmd *cobra.Command, flag, text string) (point, error) {
	wrong := usage(cmd, "--%s %s: must be X,Y: pixels such as 120,80, or fractions such as 0.5,0.25", flag, shown(text))
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
		return p, usage(cmd, "--%s %s: fractions must be 0 to 1, and pixels must be whole numbers", flag, shown(text))
	case !p.part && (x != math.Trunc(x) || y != math.Trunc(y)):
		return p, wrong
	}
	return p, nil
}

// in returns the patch at a position. The grid of rows×cols covers the model's input.
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
		return 0, 0, fmt.Errorf("--%s %s: is outside the crop of preprocessor_config.json; choose another position, or another --size", flag, p.text)
	}
	return int(sy * float64(rows) / float64(img.H)), int(sx * float64(cols) / float64(img.W)), nil
}
