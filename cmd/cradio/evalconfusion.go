package main

import (
	"fmt"
	"io"

	"cradio/loader"
	"cradio/radio/eval"
	"cradio/radio/show"
)

// draw writes the confusion matrix as a picture.
func (e *evaluation) draw(r *evalReport, c *eval.Confusion) error {
	note := fmt.Sprintf("%s, %s of %s: top-1 %s", r.Model, count(r.Images[e.part], "image"), e.part, percent(r.Top1))
	drawn, err := show.Confusion(note, e.set.Classes, c.Counts).Draw()
	if err != nil {
		return fmt.Errorf("--confusion: %w", err)
	}
	comment := fmt.Sprintf("cradio %s: %s of %s, model %s", e.cmd.CommandPath(), e.part, r.Data, r.Model)
	return loader.WriteFile(e.confusion, func(w io.Writer) error { return show.WritePNG(w, drawn, comment) })
}
