package show

import (
	"fmt"
	stdimage "image"
	"image/color"
	"image/draw"

	"cradio/radio/image"
)

// Sheet is a drawing of several images side by side, with a title, colour bars and a legend.
type Sheet struct {
	Title  string
	Notes  []string // lines below the title
	Strips []Strip
	Bars   []Bar
	Legend []Entry
}

// Strip is the panels of one image, side by side.
type Strip struct {
	Name   string // printed above the panels; may be empty
	Panels []Panel
}

// Panel is an image with a title above it.
type Panel struct {
	Title string
	Image *image.RGB
	Marks []Mark
}

// Mark outlines a rectangle of a panel, in pixels of the panel. Max is exclusive.
type Mark struct {
	Box    stdimage.Rectangle
	Colour color.RGBA
}

// Colours of marks.
var (
	Picked  = color.RGBA{255, 255, 255, 255} // the patch that the others are compared with
	Outside = color.RGBA{255, 59, 48, 255}   // an outlier
)

// Bar is a colour bar: it shows the values of a map's colours.
type Bar struct {
	Map       ColourMap
	Low, High float64
	Label     string
}

// Entry is one colour of the legend, with its meaning.
type Entry struct {
	Colour [3]uint8
	Text   string
}

const (
	margin, gap = 16, 10
	barWidth    = 240
	barHeight   = 14
	swatch      = 13
	leastWidth  = 420
)

// MaxPixels is the limit of a sheet's width × height.
const MaxPixels = 1 << 26

var (
	paper = color.RGBA{255, 255, 255, 255}
	ink   = color.RGBA{31, 35, 40, 255}
	faint = color.RGBA{89, 99, 110, 255}
)

// Size returns the width and height of the sheet, pixels.
func (s *Sheet) Size() (w, h int) {
	l := s.plan()
	return l.width, l.height
}

// Draw draws the sheet. It returns an error if the sheet has more than MaxPixels.
func (s *Sheet) Draw() (*stdimage.RGBA, error) {
	l := s.plan()
	if int64(l.width)*int64(l.height) > MaxPixels {
		return nil, fmt.Errorf("the sheet would be %d×%d pixels, must be at most %d million; give fewer or smaller images, or write one file per image",
			l.width, l.height, MaxPixels/1000000)
	}
	to := stdimage.NewRGBA(stdimage.Rect(0, 0, l.width, l.height))
	draw.Draw(to, to.Bounds(), stdimage.NewUniform(paper), stdimage.Point{}, draw.Src)
	line := textFace().height() + 2
	y := margin
	titleFace().draw(to, margin, y, titleFace().fit(s.Title, l.width-2*margin), ink)
	y += titleFace().height() + 4
	for _, text := range l.header {
		textFace().draw(to, margin, y, text, faint)
		y += line
	}
	y += gap
	for row, height := range l.heights {
		x := margin
		for col := range l.columns {
			if i := row*l.columns + col; i < len(s.Strips) {
				s.Strips[i].draw(to, x, y)
			}
			x += l.widths[col] + 2*gap
		}
		y += height + gap
	}
	for _, b := range s.Bars {
		b.draw(to, margin, y)
		y += barHeight + 2*line + 4
	}
	for _, row := range l.legend {
		x := margin
		for _, e := range row {
			fill(to, stdimage.Rect(x, y+1, x+swatch, y+1+swatch), color.RGBA{e.Colour[0], e.Colour[1], e.Colour[2], 255})
			frame(to, stdimage.Rect(x, y+1, x+swatch, y+1+swatch), faint)
			textFace().draw(to, x+swatch+6, y, e.Text, ink)
			x += swatch + 6 + textFace().width(e.Text) + between
		}
		y += line + 2
	}
	return to, nil
}

func (s Strip) draw(to *stdimage.RGBA, x, y int) {
	line := textFace().height() + 2
	if s.Name != "" {
		w, _ := s.size()
		textFace().draw(to, x, y, textFace().fit(s.Name, w), ink)
		y += line
	}
	titled := s.above() > line || s.Name == "" && s.above() > 0
	for _, p := range s.Panels {
		top := y
		if titled {
			textFace().draw(to, x, y, textFace().fit(p.Title, p.Image.W), faint)
			top += line
		}
		for i := range p.Image.H {
			for j := range p.Image.W {
				from := p.Image.Pix[3*(i*p.Image.W+j):][:3]
				copy(to.Pix[to.PixOffset(x+j, top+i):][:4], []uint8{from[0], from[1], from[2], 255})
			}
		}
		for _, m := range p.Marks {
			m.draw(to, stdimage.Rect(x, top, x+p.Image.W, top+p.Image.H))
		}
		x += p.Image.W + gap
	}
}

// draw outlines the box in its colour. Two dark lines around it make it visible on any image.
func (m Mark) draw(to *stdimage.RGBA, panel stdimage.Rectangle) {
	box := m.Box.Add(panel.Min)
	inside := to.SubImage(panel).(*stdimage.RGBA)
	for i, c := range []color.RGBA{{0, 0, 0, 255}, m.Colour, m.Colour, {0, 0, 0, 255}} {
		frame(inside, box.Inset(i-2), c)
	}
}

func (b Bar) draw(to *stdimage.RGBA, x, y int) {
	f := textFace()
	f.draw(to, x, y, f.fit(b.Label, to.Bounds().Dx()-2*margin), ink)
	y += f.height() + 2
	for i := range barWidth {
		c := b.Map.At(float64(i) / (barWidth - 1))
		fill(to, stdimage.Rect(x+i, y, x+i+1, y+barHeight), color.RGBA{c[0], c[1], c[2], 255})
	}
	frame(to, stdimage.Rect(x, y, x+barWidth, y+barHeight), faint)
	y += barHeight + 1
	for i, v := range []float64{b.Low, (b.Low + b.High) / 2, b.High} {
		text := fmt.Sprintf("%.3g", v)
		w := f.width(text)
		f.draw(to, x+i*(barWidth-w)/2, y, text, ink)
	}
}

func fill(to *stdimage.RGBA, r stdimage.Rectangle, c color.RGBA) {
	draw.Draw(to, r, stdimage.NewUniform(c), stdimage.Point{}, draw.Src)
}

// frame draws the outermost pixels of r.
func frame(to *stdimage.RGBA, r stdimage.Rectangle, c color.RGBA) {
	if r.Empty() {
		return
	}
	fill(to, stdimage.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+1), c)
	fill(to, stdimage.Rect(r.Min.X, r.Max.Y-1, r.Max.X, r.Max.Y), c)
	fill(to, stdimage.Rect(r.Min.X, r.Min.Y, r.Min.X+1, r.Max.Y), c)
	fill(to, stdimage.Rect(r.Max.X-1, r.Min.Y, r.Max.X, r.Max.Y), c)
}
