package show

import (
	stdimage "image"
	"image/color"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// typeface is a font of one size. Lock it: it is not safe for concurrent use.
type typeface struct {
	sync.Mutex
	font.Face
}

var (
	titleFace = sync.OnceValue(func() *typeface { return newTypeface(gobold.TTF, 18) })
	textFace  = sync.OnceValue(func() *typeface { return newTypeface(goregular.TTF, 13) })
)

func newTypeface(ttf []byte, pixels float64) *typeface {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // the font is part of the program
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	return &typeface{Face: face}
}

// height returns the height of a line.
func (f *typeface) height() int { return f.Metrics().Height.Ceil() }

// width returns the width of a text.
func (f *typeface) width(text string) int {
	f.Lock()
	defer f.Unlock()
	return font.MeasureString(f.Face, text).Ceil()
}

// fit shortens a text to a width. It cuts the middle, since both ends of a file name matter.
func (f *typeface) fit(text string, width int) string {
	if f.width(text) <= width {
		return text
	}
	runes := []rune(text)
	for keep := len(runes) - 1; keep > 1; keep-- {
		short := string(runes[:keep/2]) + "…" + string(runes[len(runes)-(keep-keep/2):])
		if f.width(short) <= width {
			return short
		}
	}
	return "…"
}

// draw draws a text. x, y is the top left of its line.
func (f *typeface) draw(to *stdimage.RGBA, x, y int, text string, c color.Color) {
	f.Lock()
	defer f.Unlock()
	d := font.Drawer{Dst: to, Src: stdimage.NewUniform(c), Face: f.Face, Dot: fixed.P(x, y+f.Metrics().Ascent.Ceil())}
	d.DrawString(text)
}
