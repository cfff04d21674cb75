package show

import (
	"math"
	"strings"
)

// layout holds the positions on a sheet.
type layout struct {
	columns       int   // number of strips side by side
	widths        []int // of the columns
	heights       []int // of the rows of strips
	width, height int
	header        []string // the notes, broken into lines
	legend        [][]Entry
}

// size returns the size of a strip, with the lines above its panels.
func (s Strip) size() (w, h int) {
	for i, p := range s.Panels {
		if i > 0 {
			w += gap
		}
		w += p.Image.W
		h = max(h, p.Image.H)
	}
	return w, h + s.above()
}

// above returns the height of the lines above a strip's panels.
func (s Strip) above() int {
	lines := 0
	if s.Name != "" {
		lines++
	}
	for _, p := range s.Panels {
		if p.Title != "" {
			lines++
			break
		}
	}
	return lines * (textFace().height() + 2)
}

// plan chooses the number of strips side by side, so that the ratio of width to height is as
// close as possible to 3:2.
func (s *Sheet) plan() layout {
	const aspect = 1.5
	var best layout
	off := math.Inf(1)
	for columns := 1; columns <= max(len(s.Strips), 1); columns++ {
		l := layout{columns: columns, widths: make([]int, columns)}
		for i, strip := range s.Strips {
			w, h := strip.size()
			l.widths[i%columns] = max(l.widths[i%columns], w)
			if i%columns == 0 {
				l.heights = append(l.heights, 0)
			}
			l.heights[i/columns] = max(l.heights[i/columns], h)
		}
		l.width = 2*margin + gap*2*(columns-1)
		for _, w := range l.widths {
			l.width += w
		}
		for _, h := range l.heights {
			l.height += h + gap
		}
		if d := math.Abs(math.Log(float64(l.width) / float64(max(l.height, 1)) / aspect)); d < off {
			best, off = l, d
		}
	}
	best.width = max(best.width, leastWidth)
	best.header = wrap(s.Notes, best.width-2*margin)
	best.legend = s.wrapLegend(best.width - 2*margin)
	line := textFace().height() + 2
	best.height += 2*margin + titleFace().height() + 4 + len(best.header)*line + gap
	best.height += len(s.Bars)*(barHeight+2*line+4) + len(best.legend)*(line+2)
	return best
}

// wrap breaks lines at spaces, to fit a width.
func wrap(notes []string, width int) (lines []string) {
	f := textFace()
	for _, note := range notes {
		line := ""
		for word := range strings.SplitSeq(note, " ") {
			longer := strings.TrimPrefix(line+" "+word, " ")
			if line != "" && f.width(longer) > width {
				lines = append(lines, f.fit(line, width))
				longer = word
			}
			line = longer
		}
		lines = append(lines, f.fit(line, width))
	}
	return lines
}

const between = 18 // entries of the legend, pixels

func (s *Sheet) wrapLegend(width int) (rows [][]Entry) {
	at := width + 1
	for _, e := range s.Legend {
		w := swatch + 6 + textFace().width(e.Text) + between
		if at+w > width {
			rows = append(rows, nil)
			at = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		at += w
	}
	return rows
}

// Wrapped splits a strip into lines of at most n panels.
func (s Strip) Wrapped(n int) []Strip {
	var list []Strip
	for from := 0; from < len(s.Panels); from += n {
		list = append(list, Strip{s.Name, s.Panels[from:min(from+n, len(s.Panels))]})
	}
	return list
}
