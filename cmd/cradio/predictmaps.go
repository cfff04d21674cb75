package main

import (
	"context"
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/eval"
	"cradio/radio/head"
	"cradio/radio/image"
	"cradio/radio/show"
)

// mapJSON is a line of --json for an image with a mask or depths.
type mapJSON struct {
	Path    string            `json:"path"`
	Out     string            `json:"out"`
	Overlay string            `json:"overlay,omitempty"`
	Shares  map[string]number `json:"shares,omitempty"` // of the pixels, by class
	Near    *number           `json:"near,omitempty"`   // metres
	Far     *number           `json:"far,omitempty"`
}

// maps answers with a mask or depths for each image.
func (p *prediction) maps() error {
	if p.out == "" || p.isList() {
		return usage(p.cmd, "--out is missing: the head answers with a picture for each image: give a folder")
	}
	if p.head.Spec().Kind != head.Depth && p.head.Spec().Outputs > data.Ignored {
		return fmt.Errorf("%s has %d classes: a mask holds at most %d", p.head, p.head.Spec().Outputs, data.Ignored)
	}
	if err := os.MkdirAll(p.out, 0o777); err != nil {
		return err
	}
	bar := newProgress(p.cmd.ErrOrStderr(), len(p.names), !p.json)
	defer bar.stop()
	taken := map[string]string{}
	for _, name := range p.names {
		stem := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		if name == stdinName {
			stem = "stdin"
		}
		other, twice := taken[stem]
		switch {
		case twice && other == name:
			return fmt.Errorf("%s: is given twice; leave it out once", shown(name))
		case twice:
			return fmt.Errorf("%s and %s would have one name in %s; predict them into two folders", shown(other), shown(name), shown(p.out))
		}
		taken[stem] = name
	}
	for _, name := range p.names {
		if err := p.one(name); err != nil {
			if p.cmd.Context().Err() != nil {
				return err
			}
			p.fail(bar, name, err)
		}
		bar.step()
	}
	return nil
}

// one predicts an image, and writes what belongs to it.
func (p *prediction) one(name string) error {
	img, m, err := p.mapOf(name)
	if err != nil {
		return err
	}
	if img.H != m.H || img.W != m.W {
		if img, err = image.Resize(img, m.H, m.W, image.Bilinear); err != nil {
			return err
		}
	}
	stem := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if name == stdinName {
		stem = "stdin"
	}
	line := mapJSON{Path: name, Out: filepath.Join(p.out, stem+".png")}
	if p.head.Spec().Kind == head.Depth {
		err = p.writeDepth(&line, m)
	} else {
		line.Overlay = filepath.Join(p.out, stem+"-overlay.png")
		err = p.writeMask(&line, m, img)
	}
	if err != nil {
		return err
	}
	if p.json {
		return printJSON(p.cmd, line)
	}
	_, err = fmt.Fprintf(p.cmd.OutOrStdout(), "%s: %s\n", shown(name), shown(line.Out))
	return err
}

// mapOf predicts a map of an image, of its full size. img is smaller if it was decoded so: then there are no windows.
func (p *prediction) mapOf(name string) (img *image.RGB, m eval.Map, err error) {
	if img, err = input(p.cmd, p.enc, name).Load(); err != nil {
		return nil, m, err
	}
	if img.Whole == [2]int{} {
		m, err = p.slide.Predict(p.cmd.Context(), img, p.window, eval.Options{})
	} else if m, err = p.window(p.cmd.Context(), img); err == nil {
		m, err = m.Resize(img.Whole[0], img.Whole[1], eval.Options{})
	}
	return img, m, err
}

// window predicts a picture, or a window of one, on the grid of the head.
func (p *prediction) window(ctx context.Context, img *image.RGB) (eval.Map, error) {
	out, err := p.enc.Encode(ctx, img)
	if err != nil {
		return eval.Map{}, err
	}
	h := out.Items[0].Heads[0]
	values := radio.Values[float32](h.Values)
	return eval.Map{H: h.Grid.Rows, W: h.Grid.Cols, Channels: len(values) / h.Grid.Tokens(), Values: values}, nil
}

// hasBackground says whether class 0 is what is left of an image: by its name, or where classes have numbers
// alone.
func hasBackground(spec *head.Spec) bool {
	name := strings.ToLower(spec.Label(0))
	return name == "0" || name == "background"
}

// writeMask writes the class of each pixel as a picture with a palette, and over the image. A background
// keeps the colours of the image there.
func (p *prediction) writeMask(line *mapJSON, m eval.Map, img *image.RGB) error {
	k := m.Channels
	colours := show.Palette(k)
	palette := make(color.Palette, k)
	for i, c := range colours {
		palette[i] = color.RGBA{c[0], c[1], c[2], 255}
	}
	mask := stdimage.NewPaletted(stdimage.Rect(0, 0, m.W, m.H), palette)
	over := stdimage.NewRGBA(mask.Rect)
	counts := make([]int, k)
	spec := p.head.Spec()
	plain := hasBackground(&spec)
	for i, c := range m.Classes() {
		mask.Pix[i] = uint8(c)
		counts[c]++
		for ch := range 3 {
			over.Pix[4*i+ch] = img.Pix[3*i+ch]
			if c > 0 || !plain {
				over.Pix[4*i+ch] = uint8((int(img.Pix[3*i+ch]) + int(colours[c][ch])) / 2)
			}
		}
		over.Pix[4*i+3] = 255
	}
	line.Shares = map[string]number{}
	for c, n := range counts {
		if n > 0 {
			line.Shares[spec.Label(c)] = number(float64(n) / float64(len(mask.Pix)))
		}
	}
	if err := writePNG(line.Out, mask); err != nil {
		return err
	}
	return writePNG(line.Overlay, over)
}

// writeDepth writes the depth of each pixel as a grey picture with 16 bits.
func (p *prediction) writeDepth(line *mapJSON, m eval.Map) error {
	img := stdimage.NewGray16(stdimage.Rect(0, 0, m.W, m.H))
	for i, v := range m.Values {
		img.SetGray16(i%m.W, i/m.W, color.Gray16{Y: uint16(min(max(math.Round(float64(v)*p.perMetre), 1), math.MaxUint16))})
	}
	near, far := number(slices.Min(m.Values)), number(slices.Max(m.Values))
	line.Near, line.Far = &near, &far
	return writePNG(line.Out, img)
}

func writePNG(path string, img stdimage.Image) error {
	return loader.WriteFile(path, func(w io.Writer) error { return png.Encode(w, img) })
}
