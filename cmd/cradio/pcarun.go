package main

import (
	"fmt"
	"strings"

	"cradio/radio/image"
	"cradio/radio/show"
)

// pcaRun is one run of `cradio pca`.
type pcaRun struct {
	*showing
	choice *pcaFlags
	basis  *show.Basis // for all images; nil with --each
	origin show.Origin
	report pcaJSON
}

// pcaJSON is the output of --json.
type pcaJSON struct {
	headJSON
	Basis  string         `json:"basis,omitempty"`
	Shares []number       `json:"shares,omitempty"` // fractions of the variance; with --each they are in the images
	Images []pcaImageJSON `json:"images"`
}

type pcaImageJSON struct {
	imageJSON
	Shares     []number      `json:"shares,omitempty"`
	Foreground *number       `json:"foreground,omitempty"` // fraction of the patches
	Outliers   []outlierJSON `json:"outliers"`
	Colours    [][][3]number `json:"colours"` // of each patch: red, green, blue from 0 to 1
}

type outlierJSON struct {
	Row        int    `json:"row"`
	Col        int    `json:"col"`
	X          [2]int `json:"x"` // pixels of the model's input: from, to
	Y          [2]int `json:"y"`
	Norm       number `json:"norm"`
	Deviations number `json:"deviations"`
}

func (p *pcaRun) identify() error {
	id, err := p.enc.Model.Identity(p.cmd.Context())
	p.origin = show.Origin{Model: p.model.name, Identity: id, Layer: p.layer.name(p.enc.Model.Config())}
	return err
}

// drawOne draws one image with the basis of a file.
func (p *pcaRun) drawOne(name string, img *image.RGB) error {
	im, err := p.encode(name, img)
	if err != nil {
		return err
	}
	p.report.Images = append(p.report.Images, p.numbers(im, p.basis))
	if err := p.sheets("pca", []*seen{im}, p.drawSheet); err != nil {
		return &ending{err}
	}
	return nil
}

// together computes the components of all images, and draws the images.
func (p *pcaRun) together() error {
	images, err := p.all()
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return p.done()
	}
	if p.basis == nil && !p.choice.each {
		if p.basis, err = p.fit(images); err != nil {
			return err
		}
	}
	if p.choice.save != "" {
		if err := show.WriteBasis(p.choice.save, p.basis, p.origin); err != nil {
			return err
		}
	}
	for _, im := range images {
		b, err := p.basisOf(im)
		if err != nil {
			return err
		}
		p.report.Images = append(p.report.Images, p.numbers(im, b))
	}
	if p.basis != nil {
		p.report.Basis, p.report.Shares = firstOf(p.choice.basis, p.choice.save), shares(p.basis)
	}
	return p.sheets("pca", images, p.drawSheet)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (p *pcaRun) fit(images []*seen) (*show.Basis, error) {
	list := make([]show.Tokens, len(images))
	for i, im := range images {
		list[i] = im.Tokens
		if p.choice.without {
			list[i].Leave = make([]bool, im.Rows*im.Cols)
			for _, o := range show.Outliers(im.Features, im.width, p.choice.outliers) {
				list[i].Leave[o.Token] = true
			}
		}
	}
	return show.Fit(list, images[0].width, show.BasisOptions{
		Skip: p.choice.skip, Deviations: p.choice.deviations, Front: show.Side(p.choice.front), FrontAt: p.choice.frontAt,
	})
}

// basisOf returns the basis of an image.
func (p *pcaRun) basisOf(im *seen) (*show.Basis, error) {
	if p.basis != nil {
		return p.basis, nil
	}
	return p.fit([]*seen{im})
}

func shares(b *show.Basis) (list []number) {
	for _, v := range b.Shares {
		list = append(list, number(v))
	}
	return list
}

func (p *pcaRun) numbers(im *seen, b *show.Basis) pcaImageJSON {
	n := pcaImageJSON{imageJSON: im.json(), Outliers: []outlierJSON{}}
	if p.choice.each {
		n.Shares = shares(b)
	}
	if b.Front != nil {
		in := 0
		for _, is := range b.Foreground(im.Features) {
			if is {
				in++
			}
		}
		part := number(float64(in) / float64(im.Rows*im.Cols))
		n.Foreground = &part
	}
	for _, o := range show.Outliers(im.Features, im.width, p.choice.outliers) {
		box := im.box(o.Token, im.img.H, im.img.W)
		n.Outliers = append(n.Outliers, outlierJSON{
			o.Token / im.Cols, o.Token % im.Cols, [2]int{box.Min.X, box.Max.X}, [2]int{box.Min.Y, box.Max.Y}, number(o.Norm), number(o.Deviations),
		})
	}
	if p.json {
		colours := b.Colours(im.Tokens).Values
		list := make([][3]number, im.Rows*im.Cols)
		for i := range list {
			list[i] = [3]number{number(colours[3*i]), number(colours[3*i+1]), number(colours[3*i+2])}
		}
		n.Colours = grid(list, im.Cols, func(v [3]number) [3]number { return v })
	}
	return n
}

// drawSheet draws the sheet of some images.
func (p *pcaRun) drawSheet(images []*seen) (*drawing, error) {
	d := &drawing{sheet: show.Sheet{Title: "Principal components of the features"}}
	outliers := []string{}
	var b *show.Basis
	for _, im := range images {
		var err error
		if b, err = p.basisOf(im); err != nil {
			return nil, err
		}
		var marks []outline
		for _, o := range show.Outliers(im.Features, im.width, p.choice.outliers) {
			marks = append(marks, outline{o.Token, show.Outside})
			outliers = append(outliers, fmt.Sprintf("row %d column %d (norm %.3g)", o.Token/im.Cols, o.Token%im.Cols, o.Norm))
		}
		title := fmt.Sprintf("%d×%d patches", im.Cols, im.Rows)
		if p.choice.each && len(images) > 1 {
			title += "; " + percents(b)
		}
		strip, err := p.strip(im, painting{title, func(h, w int) *image.RGB {
			return b.Colours(im.Tokens).Resize(h, w, p.smooth).Paint(show.RGB)
		}, marks})
		if err != nil {
			return nil, err
		}
		d.sheet.Strips = append(d.sheet.Strips, strip)
	}
	d.said = p.about() + sizes(images)
	d.sheet.Notes = []string{d.said}
	colours := [][3]uint8{{230, 40, 40}, {40, 180, 60}, {50, 90, 230}}
	if !p.choice.each || len(images) == 1 {
		d.said += "; " + percents(b) + " of the variance are red, green and blue"
		for i, share := range b.Shares {
			d.sheet.Legend = append(d.sheet.Legend, show.Entry{Colour: colours[i], Text: fmt.Sprintf("component %d: %.1f %% of the variance", i+1+p.choice.skip, 100*share)})
		}
	} else {
		d.said += "; each image has its own components"
		d.sheet.Notes = append(d.sheet.Notes, "each image has its own components, red, green and blue: colours of different images cannot be compared")
	}
	if b.Front != nil {
		d.said += "; components of the foreground only"
		d.sheet.Notes = append(d.sheet.Notes, "components of the foreground only; the background is dark")
	}
	if len(outliers) > 0 {
		d.sheet.Legend = append(d.sheet.Legend, show.Entry{Colour: [3]uint8{show.Outside.R, show.Outside.G, show.Outside.B}, Text: count(len(outliers), "outlier patch")})
		d.said += fmt.Sprintf("; outlier patches: %s", brief(outliers))
	}
	return d, nil
}

// percents formats the fractions of the variance: 41.2 %, 20.1 % and 9.9 %.
func percents(b *show.Basis) string {
	list := make([]string, 0, len(b.Shares))
	for _, v := range b.Shares {
		list = append(list, fmt.Sprintf("%.1f %%", 100*v))
	}
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return strings.Join(list, "")
}

// brief formats a list. A long one is cut, with the number of other items.
func brief(list []string) string {
	const most = 6
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
