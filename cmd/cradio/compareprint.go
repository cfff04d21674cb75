package main

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/show"
)

// table prints one line per image.
func (c *comparing) table() error {
	to := tabwriter.NewWriter(c.cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	text := func(v number) string {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return "–"
		}
		return fmt.Sprintf("%.6g", float64(v))
	}
	line := func(name string, m measuresJSON) {
		fmt.Fprintln(to, strings.Join([]string{
			name, text(m.CosineMean), text(m.CosineMin), text(m.Error), text(m.CKA), text(m.SummaryCosine), text(m.SummaryError),
		}, "\t"))
	}
	fmt.Fprintln(c.cmd.OutOrStdout(), c.sides())
	fmt.Fprintln(to, "image\tcosine, mean\tmin\terror\tCKA\tsummary cosine\terror")
	for i, im := range c.images {
		line(shown(im.name), c.report.Images[i].measuresJSON)
	}
	if len(c.images) > 1 {
		line("all", c.report.All)
	}
	return to.Flush()
}

// sides describes what is compared.
func (c *comparing) sides() string {
	side := func(s *showFlags, e *radio.Encoder) string {
		text := fmt.Sprintf("%s of %s in %s", s.layer.name(e.Model.Config()), shown(s.model.name), s.model.dtype)
		if c.enc.Size != c.other.Size {
			text += " at size " + e.Size.String()
		}
		if s.model.window > 0 {
			text += fmt.Sprintf(" in windows of %d", s.model.window)
		}
		return text
	}
	return side(c.showFlags, c.enc) + " against " + side(c.second, c.other)
}

// drawSheet draws the sheet of some images.
func (c *comparing) drawSheet(images []*seen) (*drawing, error) {
	d := &drawing{sheet: show.Sheet{Title: "Where the features differ"}, said: c.sides() + sizes(images)}
	d.sheet.Notes = []string{d.said}
	colours := c.colourMap()
	apart, far := 0.0, 0.0 // the largest 1 - cosine, and error
	for _, im := range images {
		for i, v := range c.found[im].Cosines {
			apart = max(apart, 1-v)
			if e := c.found[im].Errors[i]; !math.IsInf(e, 0) {
				far = max(far, e)
			}
		}
	}
	for _, im := range images {
		diff := c.found[im]
		if diff.Cosines == nil {
			return nil, fmt.Errorf("the features have different widths, so there is no map of differences; leave out --out to print the table")
		}
		away := make([]float64, len(diff.Cosines))
		errors := make([]float64, len(diff.Cosines))
		for i, v := range diff.Cosines {
			away[i], errors[i] = 1-v, min(diff.Errors[i], far)
		}
		paint := func(values []float64, high float64) func(h, w int) *image.RGB {
			return func(h, w int) *image.RGB {
				return show.NewMap(im.Rows, im.Cols, values).Resize(h, w, c.smooth).Paint(colours.Over(0, high))
			}
		}
		strip, err := c.strip(im, painting{"1 - cosine", paint(away, apart), nil}, painting{fmt.Sprintf("error; %.3g of the whole", diff.Error), paint(errors, far), nil})
		if err != nil {
			return nil, err
		}
		d.sheet.Strips = append(d.sheet.Strips, strip)
	}
	d.sheet.Bars = []show.Bar{{Map: colours, Low: 0, High: apart, Label: "1 - cosine of a patch's two features"}, {Map: colours, Low: 0, High: far, Label: "error of a patch, |a - b| / |a|"}}
	return d, nil
}
