package main

import (
	"fmt"
	"math"

	"cradio/radio/image"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// similarFlags are the options of `cradio similar`.
type similarFlags struct {
	showFlags
	at []string
}

func newSimilarCmd() *cobra.Command {
	f := &similarFlags{}
	cmd := &cobra.Command{
		Use:   "similar IMAGE… --at X,Y --out FILE.png",
		Short: "Draw how similar all patches are to one patch",
		Long: `similar draws the cosine similarity between one patch and all patches of all images. The
patch is at X,Y in the first image, and is outlined. Bright patches have similar features.
Repeat --at to draw a map for each of several patches.

` + pointHelp + `

The colours span the lowest to the highest cosine of all maps on the sheet.

` + outHelp,
		Example: `  cradio similar cat.jpg --at 120,80 --out similar.png
  cradio similar cat.jpg dog.jpg --at 0.5,0.4 --at 0.1,0.1 --smooth --out similar.png --json`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, true, imagePanel, mapPanel, overlayPanel)
	f.addColours(cmd)
	cmd.Flags().StringArrayVar(&f.at, "at", nil, "position `X,Y` in the first image; may be repeated")
	return cmd
}

// similarJSON is the output of --json.
type similarJSON struct {
	headJSON
	Places []placeJSON        `json:"places"`
	Images []similarImageJSON `json:"images"`
}

type placeJSON struct {
	At  string `json:"at"`
	Row int    `json:"row"` // of the patch in the first image
	Col int    `json:"col"`
}

type similarImageJSON struct {
	imageJSON
	Maps []similarMapJSON `json:"maps"` // one for each position
}

type similarMapJSON struct {
	Best    nearestJSON `json:"best"` // the patch itself does not count
	Cosines [][]number  `json:"cosines"`
}

type nearestJSON struct {
	Row    int    `json:"row"`
	Col    int    `json:"col"`
	Cosine number `json:"cosine"`
}

// similarity is an image with a map for each position.
type similarity struct {
	*seen
	cosines [][]float64
}

func (f *similarFlags) run(cmd *cobra.Command, args []string) error {
	if len(f.at) == 0 {
		return usage(cmd, "--at is missing: give the position X,Y of a patch in the first image")
	}
	var places []point
	for _, text := range f.at {
		p, err := parsePoint(cmd, "at", text)
		if err != nil {
			return err
		}
		places = append(places, p)
	}
	s, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer s.close()
	report := similarJSON{Images: []similarImageJSON{}}
	var queries [][]float32
	var marked []int // tokens of the first image
	var list []similarity
	err = s.each(func(name string, img *image.RGB) error {
		im, err := s.encode(name, img)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			if name != s.inputs.names[0] {
				return &ending{fmt.Errorf("%s: cannot be read, but --at is a position in it", shown(s.inputs.names[0]))}
			}
			for _, p := range places {
				row, col, err := p.in(s.enc, "at", im.original, im.img, im.Rows, im.Cols)
				if err != nil {
					return &ending{err}
				}
				marked = append(marked, row*im.Cols+col)
				queries = append(queries, im.Features[(row*im.Cols+col)*im.width:][:im.width])
				report.Places = append(report.Places, placeJSON{p.text, row, col})
			}
		}
		one := similarity{seen: im}
		out := similarImageJSON{imageJSON: im.json()}
		for i, q := range queries {
			cosines, err := show.Cosines(q, im.Features)
			if err != nil {
				return err
			}
			one.cosines = append(one.cosines, cosines)
			best := nearest(cosines, marked[i], len(list) > 0)
			m := similarMapJSON{Cosines: grid(cosines, im.Cols, toNumber)}
			if best >= 0 {
				m.Best = nearestJSON{best / im.Cols, best % im.Cols, number(cosines[best])}
			}
			out.Maps = append(out.Maps, m)
		}
		if len(list) > 0 {
			im.Features = nil
		}
		list = append(list, one)
		report.Images = append(report.Images, out)
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.enc.Model.Unchanged(); err != nil {
		return err
	}
	images := make([]*seen, len(list))
	of := map[*seen][][]float64{}
	for i, one := range list {
		images[i] = one.seen
		of[one.seen] = one.cosines
	}
	err = s.sheets("similar", images, func(images []*seen) (*drawing, error) {
		return s.similar(images, of, list[0].seen, marked, places)
	})
	if err != nil {
		return err
	}
	report.headJSON = s.head()
	if err := s.printJSON(report); err != nil {
		return err
	}
	return s.done()
}

// nearest returns the first token with the largest cosine, or -1 if there is none. other
// means that the tokens are of another image than the given token.
func nearest(cosines []float64, itself int, other bool) int {
	best := -1
	for t, v := range cosines {
		if (other || t != itself) && (best < 0 || v > cosines[best]) {
			best = t
		}
	}
	return best
}

func (s *showing) similar(images []*seen, of map[*seen][][]float64, first *seen, marked []int, places []point) (*drawing, error) {
	d := &drawing{sheet: show.Sheet{Title: "Similar patches"}}
	low, high := math.Inf(1), math.Inf(-1)
	for _, im := range images {
		for _, cosines := range of[im] {
			l, h := show.NewMap(im.Rows, im.Cols, cosines).Range()
			low, high = min(low, l), max(high, h)
		}
	}
	colours := s.colourMap()
	for _, im := range images {
		var paintings []painting
		for i, cosines := range of[im] {
			title := "cosine with the patch at " + places[i].text
			if best := nearest(cosines, marked[i], im != first); best >= 0 {
				title += fmt.Sprintf("; best %.3f", cosines[best])
			}
			var marks []outline
			if im == first {
				marks = []outline{{marked[i], show.Picked}}
			}
			paintings = append(paintings, painting{title, func(h, w int) *image.RGB {
				return show.NewMap(im.Rows, im.Cols, cosines).Resize(h, w, s.smooth).Paint(colours.Over(low, high))
			}, marks})
		}
		strip, err := s.strip(im, paintings...)
		if err != nil {
			return nil, err
		}
		d.sheet.Strips = append(d.sheet.Strips, strip)
	}
	d.said = fmt.Sprintf("cosines of %s%s with patches of %s", s.about(), sizes(images), shown(first.name))
	for i, p := range places {
		d.said += fmt.Sprintf("; at %s: row %d, column %d", p.text, marked[i]/first.Cols, marked[i]%first.Cols)
	}
	d.sheet.Notes = []string{d.said}
	d.sheet.Bars = []show.Bar{{Map: colours, Low: low, High: high, Label: "cosine with the outlined patch"}}
	return d, nil
}
