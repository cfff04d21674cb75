package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/show"

	"gorgonia.org/tensor"
)

// attend computes the rows of attention weights that an image's maps need, each once.
func (f *attentionFlags) attend(s *showing, lookers []looker, block int, name string, img *image.RGB) (*seen, *attended, error) {
	small, err := s.enc.Resize(img)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	c := s.enc.Model.Config()
	im := &seen{name: name, original: &image.RGB{H: img.H, W: img.W}, img: small}
	im.Rows, im.Cols = small.H/c.Patch, small.W/c.Patch
	a := &attended{}
	rows := make([][]int, len(lookers))
	var asked []int
	for i, l := range lookers {
		rows[i] = l.rows
		var marks []outline
		if l.rows == nil {
			row, col, err := l.place.in(s.enc, "from", img, small, im.Rows, im.Cols)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", shown(name), err)
			}
			token := row*im.Cols + col
			rows[i], marks = []int{c.Prefix() + token}, []outline{{token, show.Picked}}
		}
		a.marks = append(a.marks, marks)
		asked = append(asked, rows[i]...)
	}
	slices.Sort(asked)
	asked = slices.Compact(asked)
	enc := *s.enc
	enc.Request.Attention = []radio.AttentionRows{{Block: block, Rows: asked}}
	e, err := enc.Encode(s.cmd.Context(), img)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	weights := floats(e.Items[0].Attention[0].Weights) // (heads, asked, T)
	tokens := c.Prefix() + im.Rows*im.Cols
	var marks [][]outline
	for i, l := range lookers {
		heads := []string{f.head}
		if f.head == "all" {
			heads = nil
			for h := range c.Heads {
				heads = append(heads, strconv.Itoa(h))
			}
		}
		for _, head := range heads {
			mean := make([]float64, tokens)
			n := 0.0
			for h := range c.Heads {
				if head != "mean" && head != strconv.Itoa(h) {
					continue
				}
				for _, row := range rows[i] {
					for t, v := range weights[(h*len(asked)+slices.Index(asked, row))*tokens:][:tokens] {
						mean[t] += v
					}
					n++
				}
			}
			for t := range mean {
				mean[t] /= n
				if mean[t] != mean[t] {
					return nil, nil, fmt.Errorf("%s: attention weights of block %d are not finite: the checkpoint holds values that %s cannot compute with", shown(name), block, s.model.dtype)
				}
			}
			a.maps = append(a.maps, attentionMap{l.text, head, mean[:c.Prefix()], mean[c.Prefix():]})
			marks = append(marks, a.marks[i])
		}
	}
	a.marks = marks
	return im, a, nil
}

// floats returns the elements of a tensor as float64.
func floats(d *tensor.Dense) []float64 {
	if d.Dtype() == tensor.Float64 {
		return d.Float64s()
	}
	out := make([]float64, 0, d.Shape().TotalSize())
	for _, v := range d.Float32s() {
		out = append(out, float64(v))
	}
	return out
}

// drawSheet draws the sheet of some images.
func (f *attentionFlags) drawSheet(s *showing, images []*seen, of map[*seen]*attended, block int) (*drawing, error) {
	d := &drawing{sheet: show.Sheet{Title: fmt.Sprintf("Attention of block %d", block)}}
	var all []float64
	for _, im := range images {
		for _, m := range of[im].maps {
			all = append(all, m.patches...)
		}
	}
	slices.Sort(all)
	high := all[(len(all)-1)*995/1000]
	colours := s.colourMap()
	for _, im := range images {
		var paintings []painting
		for i, m := range of[im].maps {
			elsewhere := 0.0
			for _, v := range m.prefix {
				elsewhere += v
			}
			head := "head " + m.head
			if m.head == "mean" {
				head = "mean of heads"
			}
			title := fmt.Sprintf("from %s, %s; %.0f %% to no patch", m.from, head, 100*elsewhere)
			paintings = append(paintings, painting{title, func(h, w int) *image.RGB {
				return show.NewMap(im.Rows, im.Cols, m.patches).Resize(h, w, s.smooth).Paint(colours.Over(0, high))
			}, of[im].marks[i]})
		}
		strip, err := s.strip(im, paintings...)
		if err != nil {
			return nil, err
		}
		d.sheet.Strips = append(d.sheet.Strips, strip.Wrapped(6)...)
	}
	d.said = fmt.Sprintf("attention of block %d of %s%s, from %s, head %s", block, shown(s.model.name), sizes(images), strings.Join(f.from, " and "), f.head)
	d.sheet.Notes = []string{d.said}
	d.sheet.Bars = []show.Bar{{Map: colours, Low: 0, High: high, Label: "attention weight (brightest from the 99.5 % quantile)"}}
	return d, nil
}
