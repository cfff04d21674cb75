package show

import (
	"fmt"
	"strings"

	"cradio/radio/image"
)

// Terminal writes an image as text for a terminal: lines of upper half blocks, whose
// foreground and background are the colours of two pixels, one above the other. A
// character is about twice as high as it is wide, so the pixels are square. An image that
// is wider than columns is reduced. trueColour says that the terminal has 24-bit colours;
// else the nearest of the 256 colours of xterm are taken.
func Terminal(img *image.RGB, columns int, trueColour bool) (string, error) {
	if img.W > columns {
		var err error
		if img, err = image.Resize(img, max(1, (img.H*columns+img.W/2)/img.W), columns, image.Bicubic); err != nil {
			return "", err
		}
	}
	code := func(y, x int) string {
		rgb := [3]uint8(img.Pix[(y*img.W+x)*3:])
		if trueColour {
			return fmt.Sprintf("2;%d;%d;%d", rgb[0], rgb[1], rgb[2])
		}
		return fmt.Sprintf("5;%d", cube(rgb))
	}
	var b strings.Builder
	for y := 0; y < img.H; y += 2 {
		last := ""
		for x := range img.W {
			colours := "\x1b[38;" + code(y, x)
			if y+1 < img.H {
				colours += ";48;" + code(y+1, x)
			}
			if colours += "m"; colours != last {
				b.WriteString(colours)
				last = colours
			}
			b.WriteString("▀")
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}

// cube returns the number of the nearest colour of xterm's cube of 6×6×6 colours, whose
// levels are 0, 95, 135, 175, 215 and 255.
func cube(rgb [3]uint8) int {
	n := 16
	for i, factor := range [3]int{36, 6, 1} {
		level := 0
		if v := int(rgb[i]); v >= 115 {
			level = (v - 35) / 40
		} else if v >= 48 {
			level = 1
		}
		n += level * factor
	}
	return n
}
