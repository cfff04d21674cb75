package main

import (
	"fmt"
	"io"
	"path/filepath"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/index"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// cell is the size of an image on a contact sheet, pixels.
const cell = 200

// draw writes the contact sheet: the query, if it is an image, and then what was found.
func (f *searchFlags) draw(cmd *cobra.Command, x *index.Index, q *query, hits []index.Hit) error {
	sheet := show.Sheet{Title: "Most like " + shown(filepath.Base(q.name)), Notes: []string{q.note(x, len(hits))}}
	if q.image == nil {
		sheet.Title = fmt.Sprintf("“%s”", q.name)
	} else {
		small, err := fitted(q.image)
		if err != nil {
			return err
		}
		sheet.Strips = append(sheet.Strips, show.Strip{Name: "query", Panels: []show.Panel{{Title: shown(filepath.Base(q.name)), Image: small}}})
	}
	decoder := &radio.Encoder{Processor: &image.Processor{}, Decode: image.DecodeOptions{MaxPixels: f.pixels, Orient: f.orient}}
	for i, h := range hits {
		small := blank()
		img, err := input(cmd, decoder, h.Path).Load()
		if err == nil {
			small, err = fitted(img)
		}
		if err != nil {
			warn("%s is left blank on the sheet: %s", shown(nearby(h.Path)), escaped(err.Error(), false))
		}
		sheet.Strips = append(sheet.Strips, show.Strip{Name: fmt.Sprintf("%d.  %.4f", i+1, h.Score), Panels: []show.Panel{{Title: shown(filepath.Base(h.Path)), Image: small}}})
	}
	drawn, err := sheet.Draw()
	if err != nil {
		return err
	}
	comment := sheet.Title + ": " + sheet.Notes[0]
	if err := loader.WriteFile(f.out, func(w io.Writer) error { return show.WritePNG(w, drawn, comment) }); err != nil {
		return err
	}
	say("%s: %s", shown(f.out), comment)
	return nil
}

// blank is an empty cell.
func blank() *image.RGB {
	img := &image.RGB{H: cell, W: cell, Pix: make([]uint8, 3*cell*cell)}
	for i := range img.Pix {
		img.Pix[i] = 0xf3
	}
	return img
}

// fitted is an image in the middle of a cell.
func fitted(img *image.RGB) (*image.RGB, error) {
	longest := max(img.H, img.W)
	h, w := max(1, img.H*cell/longest), max(1, img.W*cell/longest)
	small, err := image.Resize(img, h, w, image.Bicubic)
	if err != nil {
		return nil, err
	}
	to := blank()
	for y := range h {
		copy(to.Pix[3*((y+(cell-h)/2)*cell+(cell-w)/2):][:3*w], small.Pix[3*y*w:][:3*w])
	}
	return to, nil
}
