package main

import (
	"fmt"
	"io"
	"strings"

	"cradio/loader"
	"cradio/radio/eval"
	"cradio/radio/image"
	"cradio/radio/show"
)

// draw writes the confusion matrix as a picture.
func (e *evaluation) draw(r *evalReport, c *eval.Confusion) error {
	const side = 480 // pixels of the matrix, about
	cell := max(side/c.Classes, 1)
	img := &image.RGB{H: cell * c.Classes, W: cell * c.Classes, Pix: make([]uint8, 3*cell*c.Classes*cell*c.Classes)}
	for y := range img.H {
		label := y / cell
		all := max(c.Labels(label), 1)
		for x := range img.W {
			colour := show.Viridis.At(float64(c.At(label, x/cell)) / float64(all))
			copy(img.Pix[3*(y*img.W+x):], colour[:])
		}
	}
	order := strings.Join(e.set.Classes, ", ")
	if len(e.set.Classes) > mostRecalls {
		order = fmt.Sprintf("%s, …, %s", strings.Join(e.set.Classes[:3], ", "), e.set.Classes[len(e.set.Classes)-1])
	}
	sheet := show.Sheet{
		Title:  "Which class was taken for which",
		Notes:  []string{fmt.Sprintf("%s, %s of %s: top-1 %s", r.Model, count(r.Images[e.part], "image"), e.part, percent(r.Top1)), "Rows are labels, columns are answers. Classes from the top left: " + order},
		Strips: []show.Strip{{Panels: []show.Panel{{Image: img}}}},
		Bars:   []show.Bar{{Map: show.Viridis, Low: 0, High: 1, Label: "share of the images with this label"}},
	}
	drawn, err := sheet.Draw()
	if err != nil {
		return fmt.Errorf("--confusion: %w", err)
	}
	comment := fmt.Sprintf("cradio %s: %s of %s, model %s", e.cmd.CommandPath(), e.part, r.Data, r.Model)
	return loader.WriteFile(e.confusion, func(w io.Writer) error { return show.WritePNG(w, drawn, comment) })
}
