package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Plot draws reports as one SVG: a group of bars for each case, a bar for each entrant. The
// length of a bar is the speed relative to that of the fastest peer, and the text beside it
// the milliseconds. Without peers it is relative to the fastest entrant. A nil cases takes
// all; else a case is drawn if its Case.Short is in the list, in the order of the reports.
// Entrants that failed, were disturbed or disagree have no bar.
func Plot(w io.Writer, reports []*Report, cases []string) error {
	var groups []plotGroup
	var names []string
	for _, r := range reports {
		for _, c := range r.Cells {
			if cases != nil && !slices.Contains(cases, c.Short()) || c.Counted == 0 {
				continue
			}
			g := plotGroup{machine: r.Machine.short(), cell: c}
			for _, res := range c.Results {
				if res.Milliseconds == 0 || res.Error != "" || res.Disagrees {
					continue
				}
				g.bars = append(g.bars, res)
				if !slices.Contains(names, res.Entrant) {
					names = append(names, res.Entrant)
				}
			}
			groups = append(groups, g)
		}
	}
	if len(groups) == 0 {
		return errors.New("the reports have no such case that counts")
	}
	p := &plot{names: names}
	p.scale(groups)
	for _, g := range groups {
		p.group(g)
	}
	return p.write(w)
}

// plotGroup is the bars of a case.
type plotGroup struct {
	machine string
	cell    *Cell
	bars    []*Result
}

// unit is the time in milliseconds of a bar of length 1.
func (g plotGroup) unit() float64 {
	for _, b := range g.bars {
		if b.Entrant == g.cell.Fastest {
			return b.Milliseconds
		}
	}
	best := g.bars[0].Milliseconds
	for _, b := range g.bars {
		best = min(best, b.Milliseconds)
	}
	return best
}

// Sizes of a plot, in pixels.
const (
	plotWidth  = 760
	plotLeft   = 250 // where bars begin
	plotRight  = 70  // room for the text beside the longest
	plotTop    = 44
	barHeight  = 11
	barPitch   = 13
	groupSpace = 12
)

// plotColours are those of entrants: ours first. They differ for colour-blind readers too
// (Okabe and Ito).
var plotColours = []string{"#d55e00", "#0072b2", "#56b4e9", "#009e73", "#cc79a7"}

// plot is an SVG that grows from the top.
type plot struct {
	strings.Builder
	names []string
	y     int
	one   float64 // length of the speed 1, pixels
}

func (p *plot) scale(groups []plotGroup) {
	longest := 1.0
	for _, g := range groups {
		for _, b := range g.bars {
			longest = max(longest, g.unit()/b.Milliseconds)
		}
	}
	p.one = (plotWidth - plotLeft - plotRight) / longest
	p.y = plotTop
}

func (p *plot) text(x, y int, anchor, format string, args ...any) {
	fmt.Fprintf(p, `<text x="%d" y="%d" text-anchor="%s" paint-order="stroke" stroke="white" stroke-width="3">`, x, y, anchor)
	xml.EscapeText(p, fmt.Appendf(nil, format, args...)) // a Builder returns no errors
	p.WriteString("</text>\n")
}

func (p *plot) bar(x, y, w, entrant int) {
	fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", x, y, w, barHeight, plotColours[entrant%len(plotColours)])
}

func (p *plot) group(g plotGroup) {
	middle := p.y + (len(g.bars)*barPitch)/2
	p.text(plotLeft-8, middle-3, "end", "%s %d px, batch %d, %s", g.cell.Model, g.cell.Size, g.cell.Batch, g.cell.DType)
	p.text(plotLeft-8, middle+10, "end", "%s", g.machine)
	for _, b := range g.bars {
		length := int(p.one * g.unit() / b.Milliseconds)
		p.bar(plotLeft, p.y, length, slices.Index(p.names, b.Entrant))
		p.text(plotLeft+length+4, p.y+barHeight-2, "start", "%.4g ms", b.Milliseconds)
		p.y += barPitch
	}
	p.y += groupSpace
}

// write writes the SVG, with a legend, and a line where the speed is 1.
func (p *plot) write(w io.Writer) error {
	bars := p.String()
	p.Reset()
	x := plotLeft
	for i, name := range p.names {
		p.bar(x, 8, barHeight, i)
		p.text(x+barHeight+4, 8+barHeight-2, "start", "%s", name)
		x += barHeight + 24 + 7*len(name)
	}
	p.text(plotLeft, 34, "start", "speed; the line is the fastest peer, longer is faster")
	line := plotLeft + int(p.one)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">
<rect width="100%%" height="100%%" fill="white"/>
<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="black" stroke-dasharray="3 3"/>
%s%s</svg>
`, plotWidth, p.y, line, line, plotTop-6, p.y-groupSpace/2, p.String(), bars)
	return err
}
