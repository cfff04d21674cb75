package main

import (
	"fmt"
	stdimage "image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"
	"cradio/radio/show"
)

// panelSize is the size of an image's panels, pixels.
func (s *showing) panelSize(img *image.RGB) (h, w int) {
	const readable = 384 // pixels of the longer edge
	f := s.scale
	if f == 0 {
		f = math.Ceil(readable / float64(max(img.H, img.W)))
	}
	return max(int(math.Round(float64(img.H)*f)), 1), max(int(math.Round(float64(img.W)*f)), 1)
}

// painting is a map of an image at the size of the panels, and the patches outlined on it.
type painting struct {
	title string
	paint func(h, w int) *image.RGB
	marks []outline
}

// outline is a patch to outline.
type outline struct {
	token  int
	colour color.RGBA
}

// strip returns the panels of one image: the image, then the map and overlay of each
// painting.
func (s *showing) strip(im *seen, paintings ...painting) (show.Strip, error) {
	h, w := s.panelSize(im.img)
	panels := 0
	for _, kind := range s.panels {
		if panels++; kind != imagePanel {
			panels += len(paintings) - 1
		}
	}
	if s.drawn += int64(h) * int64(w) * int64(panels); s.drawn > show.MaxPixels {
		return show.Strip{}, fmt.Errorf("the panels have more than %d million pixels in total; give fewer images, fewer --panels or a smaller --scale, or write one file per image (--out FOLDER%c)",
			show.MaxPixels/1000000, filepath.Separator)
	}
	big, err := image.Resize(im.img, h, w, image.Bicubic)
	if err != nil {
		return show.Strip{}, err
	}
	strip := show.Strip{Name: shown(filepath.Base(im.name))}
	add := func(title string, img *image.RGB, marks []outline) {
		p := show.Panel{Title: title, Image: img}
		for _, m := range marks {
			p.Marks = append(p.Marks, show.Mark{Box: im.box(m.token, h, w), Colour: m.colour})
		}
		strip.Panels = append(strip.Panels, p)
	}
	var all []outline
	for _, p := range paintings {
		all = append(all, p.marks...)
	}
	for i, p := range paintings {
		var painted *image.RGB
		for _, kind := range s.panels {
			if painted == nil && kind != imagePanel {
				painted = p.paint(h, w)
			}
			switch {
			case kind == imagePanel && i == 0:
				add(fmt.Sprintf("image, %d×%d pixels", im.img.W, im.img.H), big, all)
			case kind == mapPanel:
				add(p.title, painted, p.marks)
			case kind == overlayPanel:
				add("overlay", show.Blend(big, painted, 0.6), p.marks)
			}
		}
	}
	return strip, nil
}

// box returns the pixels of a patch in an image of h×w pixels.
func (im *seen) box(token, h, w int) stdimage.Rectangle {
	row, col := token/im.Cols, token%im.Cols
	return stdimage.Rect(col*w/im.Cols, row*h/im.Rows, (col+1)*w/im.Cols, (row+1)*h/im.Rows)
}

// about returns the line of a sheet that describes what was computed.
func (s *showing) about() string {
	c := s.enc.Model.Config()
	text := fmt.Sprintf("%s of %s", s.layer.name(c), shown(s.model.name))
	if s.model.dtype != string(radio.Float32) && s.model.dtype != "" {
		text += " in " + s.model.dtype
	}
	return text
}

// drawing is a sheet and its description, which goes to the terminal and to the file's
// comment.
type drawing struct {
	sheet show.Sheet
	said  string
}

// draw writes a sheet to --out, or to a file in that folder.
func (s *showing) draw(d *drawing, name, command string) error {
	path := s.out
	if s.folder() {
		if err := os.MkdirAll(s.out, 0o777); err != nil {
			return err
		}
		path = s.fileOf(name, command)
	}
	if s.enc.Model.Synthetic() {
		d.said += "; " + output.SyntheticNote
		d.sheet.Notes = append(d.sheet.Notes, output.SyntheticNote)
	}
	img, err := d.sheet.Draw()
	if err != nil {
		return err
	}
	err = loader.WriteFile(path, func(to io.Writer) error { return show.WritePNG(to, img, d.said) })
	if err != nil {
		return err
	}
	if s.json {
		say("%s: %s", shown(path), d.said)
		return nil
	}
	_, err = fmt.Fprintf(s.cmd.OutOrStdout(), "%s: %s\n", shown(path), d.said)
	return err
}

// fileOf returns a unique file name in the folder for an image.
func (s *showing) fileOf(name, command string) string {
	stem := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if name == stdinName {
		stem = "stdin"
	}
	for i := 1; ; i++ {
		file := fmt.Sprintf("%s.%s.png", stem, command)
		if i > 1 {
			file = fmt.Sprintf("%s.%d.%s.png", stem, i, command)
		}
		path := filepath.Join(s.out, file)
		if s.names[path] || s.isInput(path) {
			continue
		}
		s.names[path] = true
		return path
	}
}

func (s *showing) isInput(path string) bool {
	for _, name := range s.inputs.names {
		if same(path, name) {
			return true
		}
	}
	return false
}

// sheets draws all images on one sheet, or each on its own.
func (s *showing) sheets(command string, images []*seen, make func(images []*seen) (*drawing, error)) error {
	if s.out == "" || len(images) == 0 {
		return nil
	}
	groups := [][]*seen{images}
	if s.folder() {
		groups = nil
		for _, im := range images {
			groups = append(groups, []*seen{im})
		}
	}
	for _, g := range groups {
		s.drawn = 0
		d, err := make(g)
		if err == nil {
			err = s.draw(d, g[0].name, command)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sizes describes the size of the images, if they all have the same.
func sizes(images []*seen) string {
	first := images[0]
	for _, im := range images {
		if im.img.H != first.img.H || im.img.W != first.img.W {
			return fmt.Sprintf(", %d images of several sizes", len(images))
		}
	}
	text := fmt.Sprintf(" at %dx%d pixels", first.img.H, first.img.W)
	if len(images) > 1 {
		text = fmt.Sprintf(", %d images%s", len(images), text)
	}
	return text
}
