package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"cradio/radio/image"
	"cradio/radio/output"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// pcaFlags are the choices of `cradio pca`.
type pcaFlags struct {
	showFlags
	basis, save string
	each        bool
	skip        int
	deviations  float64
	outliers    float64
	without     bool
	front       string
	frontAt     float64
}

func newPCACmd() *cobra.Command {
	f := &pcaFlags{}
	cmd := &cobra.Command{
		Use:   "pca IMAGE… --out FILE.png",
		Short: "The features' principal components, as colours",
		Long: `pca draws what the model sees: the features of each patch along their first three
principal components, as red, green and blue, beside the image itself. Patches of
one colour mean much the same to the model, in one image and, since the components
are those of all of them together, from image to image.

Each component fills the range of its colour with the scores that are less than
--deviations median absolute deviations from the median, and has the sign that makes
the largest entry of its axis positive. This is the picture of upstream's
visualize_features.py, but that its files have red and blue the other way around.

--save-basis keeps the components and the ranges, and --basis colours other images by
them: frames of a film then do not flicker. A basis of another model or of another layer
is refused. --foreground tells what is in front by the first component, and draws the
components of that alone; of the two sides, auto takes the one that is less often at the
images' edges.

Patches whose norm is more than --outliers deviations from the median of their image are
outlined in red and named: some models keep there what is of the image as a whole.

` + outHelp,
		Example: `  cradio pca photo.jpg --out pca.png
  cradio pca frames/ --model C-RADIOv2-B --size 768x1024 --smooth --out colours/ --save-basis film.safetensors
  cradio pca cat.jpg dog.jpg --block 8 --foreground auto --out pca.png`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, true)
	flags := cmd.Flags()
	flags.StringVar(&f.basis, "basis", "", "take the components of this `FILE`, which --save-basis wrote")
	flags.StringVar(&f.save, "save-basis", "", "keep the components in a safetensors `FILE`")
	flags.BoolVar(&f.each, "each", false, "components of each image's own: colours of two images cannot be compared then")
	flags.IntVar(&f.skip, "skip", 0, "leave out the first `N` components")
	flags.Float64Var(&f.deviations, "deviations", 2, "how far from the median, in median absolute deviations, a component's colour reaches")
	flags.Float64Var(&f.outliers, "outliers", show.DefaultDeviations, "name patches whose norm is so many deviations from the median")
	flags.BoolVar(&f.without, "without-outliers", false, "leave these patches out of the components")
	flags.StringVar(&f.front, "foreground", "", "components of the foreground alone: the `SIDE` of the first component that is auto, low or high")
	flags.Float64Var(&f.frontAt, "foreground-at", 0, "where the sides meet, from 0 to 1 of the first component's range (default: where the two groups are told apart best)")
	complete(cmd, "foreground", string(show.Auto), string(show.Low), string(show.High))
	return cmd
}

// someImages asks for at least one.
func someImages(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(cmd, "no IMAGE given: must be files, folders or patterns")
	}
	return nil
}

func (f *pcaFlags) checkPCA(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	switch {
	case f.basis != "" && (f.each || f.save != "" || f.skip != 0 || f.front != "" || f.without || changed("deviations") || changed("foreground-at")):
		return usage(cmd, "--basis has the components already: it does not go with --save-basis, --each, --skip, --deviations, --foreground or --without-outliers")
	case f.save != "" && f.each:
		return usage(cmd, "--save-basis and --each do not go together: a file holds one basis")
	case f.save != "" && !strings.EqualFold(filepath.Ext(f.save), ".safetensors"):
		return usage(cmd, "--save-basis %s: must be a name that ends in .safetensors", shown(f.save))
	case f.skip < 0:
		return usage(cmd, "--skip %d: must be at least 0", f.skip)
	case !(f.deviations > 0):
		return usage(cmd, "--deviations %v: must be above 0", f.deviations)
	case !(f.outliers > 0):
		return usage(cmd, "--outliers %v: must be above 0", f.outliers)
	case f.front != "" && f.front != string(show.Auto) && f.front != string(show.Low) && f.front != string(show.High):
		return usage(cmd, "--foreground %s: must be auto, low or high", shown(f.front))
	case changed("foreground-at") && (f.front == "" || !(f.frontAt > 0 && f.frontAt < 1)):
		return usage(cmd, "--foreground-at %v: must be between 0 and 1, and with --foreground", f.frontAt)
	case f.save != "":
		return output.Writable(f.save)
	}
	return nil
}

func (f *pcaFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.checkPCA(cmd); err != nil {
		return err
	}
	s, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer s.close()
	p := &pcaRun{showing: s, choice: f}
	if f.basis != "" || f.save != "" {
		if err := p.identify(); err != nil {
			return err
		}
	}
	if f.basis != "" {
		var of show.Origin
		if p.basis, of, err = show.ReadBasis(f.basis); err != nil {
			return err
		}
		if err := of.Suits(shown(f.basis), p.origin); err != nil {
			return err
		}
	}
	if p.basis != nil && s.folder() { // one at a time, however many there are
		if err := s.each(p.drawOne); err != nil {
			return err
		}
	} else if err := p.together(); err != nil {
		return err
	}
	if err := s.enc.Model.Unchanged(); err != nil {
		return err
	}
	p.report.headJSON = s.head()
	if err := s.printJSON(p.report); err != nil {
		return err
	}
	return s.done()
}

// pcaRun is a run of `cradio pca`.
type pcaRun struct {
	*showing
	choice *pcaFlags
	basis  *show.Basis // of all images; nil with --each
	origin show.Origin
	report pcaJSON
}

// pcaJSON is what --json prints.
type pcaJSON struct {
	headJSON
	Basis  string         `json:"basis,omitempty"`
	Shares []number       `json:"shares,omitempty"` // of the variance; those of an image with --each
	Images []pcaImageJSON `json:"images"`
}

type pcaImageJSON struct {
	imageJSON
	Shares     []number      `json:"shares,omitempty"`
	Foreground *number       `json:"foreground,omitempty"` // part of the patches
	Outliers   []outlierJSON `json:"outliers"`
	Colours    [][][3]number `json:"colours"` // of each patch: red, green, blue from 0 to 1
}

type outlierJSON struct {
	Row        int    `json:"row"`
	Col        int    `json:"col"`
	X          [2]int `json:"x"` // pixels of the image as the model sees it: from, to
	Y          [2]int `json:"y"`
	Norm       number `json:"norm"`
	Deviations number `json:"deviations"`
}

func (p *pcaRun) identify() error {
	id, err := p.enc.Model.Identity(p.cmd.Context())
	p.origin = show.Origin{Model: p.model.name, Identity: id, Layer: p.layer.name(p.enc.Model.Config())}
	return err
}

// drawOne colours an image by the basis of a file.
func (p *pcaRun) drawOne(name string, img *image.RGB) error {
	im, err := p.encode(name, img)
	if err != nil {
		return err
	}
	p.report.Images = append(p.report.Images, p.numbers(im, p.basis))
	if err := p.sheets("pca", []*seen{im}, p.picture); err != nil {
		return &ending{err}
	}
	return nil
}

// together finds the components of all images, and draws them.
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
	return p.sheets("pca", images, p.picture)
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

// basisOf is the basis that colours an image.
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

// picture is the sheet of some images.
func (p *pcaRun) picture(images []*seen) (*drawing, error) {
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
		d.said += "; each with components of its own"
		d.sheet.Notes = append(d.sheet.Notes, "each image with components of its own, red, green and blue: colours of two images cannot be compared")
	}
	if b.Front != nil {
		d.said += "; of the foreground alone"
		d.sheet.Notes = append(d.sheet.Notes, "components of the foreground alone; the background is dark")
	}
	if len(outliers) > 0 {
		d.sheet.Legend = append(d.sheet.Legend, show.Entry{Colour: [3]uint8{show.Outside.R, show.Outside.G, show.Outside.B}, Text: count(len(outliers), "outlier patch")})
		d.said += fmt.Sprintf("; outlier patches: %s", brief(outliers))
	}
	return d, nil
}

// percents is the parts of the variance: 41.2 %, 20.1 % and 9.9 %.
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

// brief is a list of which many are counted alone.
func brief(list []string) string {
	const most = 6
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
