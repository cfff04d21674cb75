package main

import (
	"cmp"
	"fmt"
	"slices"

	"cradio/radio/image"
	"cradio/radio/show"
	"cradio/radio/text"

	"github.com/spf13/cobra"
)

// denseJSON is what --dense prints with --json.
type denseJSON struct {
	headJSON
	Labels []string         `json:"labels"`
	Images []denseImageJSON `json:"images"`
}

type denseImageJSON struct {
	imageJSON
	Best [][]int `json:"best"` // of each patch, the number of its label
}

// legendMost is how many labels have a colour of their own: the most frequent ones.
const legendMost = 24

// runDense colours each patch of the images by its best label.
func (f *zeroshotFlags) runDense(cmd *cobra.Command, args []string) error {
	sf := &showFlags{
		model: f.model, size: f.size, panels: []string{imagePanel, overlayPanel}, smooth: f.smooth, alpha: f.alpha, pixels: f.pixels, out: f.out, json: f.json,
	}
	if err := sf.check(cmd); err != nil {
		return err
	}
	labels, err := f.allLabels()
	if err != nil {
		return err
	}
	in, err := gather(cmd, args)
	if err != nil {
		return err
	}
	z, err := f.open(cmd, labels)
	if err != nil {
		return err
	}
	defer z.model.Close()
	if err := aligned(z, f.syntheticTower()); err != nil {
		return err
	}
	sf.model, sf.layer = f.model, layerFlags{adaptor: z.adaptor.Name}
	s := &showing{showFlags: sf, cmd: cmd, inputs: in, names: map[string]bool{}}
	for _, fail := range in.failures {
		s.skip(fail)
	}
	if s.enc, err = sf.encoder(z.model, sf.size, &sf.layer); err != nil {
		return err
	}
	return f.drawDense(s, z)
}

// aligned refuses spatial features that texts cannot be compared with, and says what to think of
// those that they can.
func aligned(z *zeroshot, synthetic bool) error {
	if a := z.adaptor; a.Feature.Out != a.Summary.Out {
		return fmt.Errorf("--dense: the spatial features of adaptor %s have %d elements, its texts %d: they are the teacher's before its projection, and not aligned with texts; choose an adaptor whose features are as wide as its summary, or leave out --dense", a.Name, a.Feature.Out, a.Summary.Out)
	}
	if !synthetic {
		warn("the spatial features of adaptor %s are as wide as its texts, but were not trained to be aligned with them (NVlabs/RADIO, issues 81 and 128): take the colours as a hint", z.adaptor.Name)
	}
	return nil
}

// drawDense labels the patches of all images, and draws them.
func (f *zeroshotFlags) drawDense(s *showing, z *zeroshot) error {
	best := map[*seen][]int{}
	var images []*seen
	err := s.each(func(name string, img *image.RGB) error {
		im, err := s.encode(name, img)
		if err != nil {
			return err
		}
		for patch := range slices.Chunk(im.Features, im.width) {
			cosines, err := z.classifier.Cosines(patch)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			best[im] = append(best[im], text.Top(cosines, 1)[0])
		}
		im.Features = nil // they are not needed any more
		images = append(images, im)
		return nil
	})
	if err != nil {
		return err
	}
	if err := z.model.Unchanged(); err != nil {
		return err
	}
	report := denseJSON{Labels: z.classifier.Classes, Images: []denseImageJSON{}}
	for _, im := range images {
		report.Images = append(report.Images, denseImageJSON{im.json(), grid(best[im], im.Cols, itself)})
	}
	err = s.sheets("labels", images, func(images []*seen) (*drawing, error) { return denseSheet(s, images, best, z.classifier.Classes) })
	if err != nil {
		return err
	}
	report.headJSON = s.head()
	if err := s.printJSON(report); err != nil {
		return err
	}
	return s.done()
}

// labelCount is a label and how many patches it is the best of.
type labelCount struct{ label, patches int }

// frequent counts the labels of some images, the most frequent first.
func frequent(images []*seen, best map[*seen][]int) (list []labelCount, total int) {
	counts := map[int]int{}
	for _, im := range images {
		for _, label := range best[im] {
			counts[label]++
			total++
		}
	}
	for label, n := range counts {
		list = append(list, labelCount{label, n})
	}
	slices.SortFunc(list, func(a, b labelCount) int {
		return cmp.Or(cmp.Compare(b.patches, a.patches), cmp.Compare(a.label, b.label))
	})
	return list, total
}

// otherColour is that of labels without a colour of their own.
var otherColour = [3]uint8{128, 128, 128}

// denseSheet draws images with their patches coloured, and a legend.
func denseSheet(s *showing, images []*seen, best map[*seen][]int, labels []string) (*drawing, error) {
	list, total := frequent(images, best)
	own := list[:min(legendMost, len(list))]
	colours := append(show.Palette(len(own)), otherColour)
	d := &drawing{sheet: show.Sheet{Title: "The best label of each patch"}}
	colourOf, named := map[int]int{}, 0
	for i, l := range own {
		colourOf[l.label] = i
		named += l.patches
		d.sheet.Legend = append(d.sheet.Legend, show.Entry{Colour: colours[i], Text: fmt.Sprintf("%s: %.1f %%", shown(labels[l.label]), 100*float64(l.patches)/float64(total))})
	}
	if len(list) > len(own) {
		d.sheet.Legend = append(d.sheet.Legend, show.Entry{Colour: otherColour, Text: fmt.Sprintf("%d others: %.1f %%", len(list)-len(own), 100*float64(total-named)/float64(total))})
	}
	for _, im := range images {
		numbers := make([]int, len(best[im]))
		for i, label := range best[im] {
			if c, ok := colourOf[label]; ok {
				numbers[i] = c
			} else {
				numbers[i] = len(own)
			}
		}
		strip, err := s.strip(im, painting{fmt.Sprintf("%d×%d patches", im.Cols, im.Rows), func(h, w int) *image.RGB {
			return show.Paint(numbers, im.Rows, im.Cols, colours, h, w, s.smooth).Paint(show.RGB)
		}, nil})
		if err != nil {
			return nil, err
		}
		d.sheet.Strips = append(d.sheet.Strips, strip)
	}
	d.said = fmt.Sprintf("%d of %s; %s%s", len(list), count(len(labels), "label"), s.about(), sizes(images))
	d.sheet.Notes = []string{d.said}
	return d, nil
}
