package main

import (
	"fmt"

	"cradio/radio/image"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// clustersFlags are the options of `cradio clusters`.
type clustersFlags struct {
	showFlags
	k      int
	seed   uint64
	cosine bool
	each   bool
}

// mostClusters is the limit of -k: nobody can tell more colours apart.
const mostClusters = 256

func newClustersCmd() *cobra.Command {
	f := &clustersFlags{}
	cmd := &cobra.Command{
		Use:   "clusters IMAGE… --out FILE.png",
		Short: "Group patches with similar features (k-means)",
		Long: `clusters divides the patches into k groups with similar features (k-means), and draws
each group in its own colour. All images share the groups, so a colour means the same in
all of them. --each computes the groups of each image separately.

The same --seed gives the same groups. Of four k-means++ initialisations, the best result is
used. Groups are sorted by size, the largest first. If fewer than k patches differ, there
are fewer groups.

` + outHelp,
		Example: `  cradio clusters photo.jpg --out groups.png
  cradio clusters cat.jpg dog.jpg -k 8 --cosine --smooth --out groups.png`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, true, imagePanel, mapPanel, overlayPanel)
	flags := cmd.Flags()
	flags.IntVarP(&f.k, "clusters", "k", 6, "number of groups")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the initialisation")
	flags.BoolVar(&f.cosine, "cosine", false, "use cosine similarity, instead of Euclidean distance")
	flags.BoolVar(&f.each, "each", false, "compute groups for each image; colours are then not comparable between images")
	return cmd
}

// clustersJSON is the output of --json.
type clustersJSON struct {
	headJSON
	Asked  int                 `json:"asked"` // -k
	Seed   uint64              `json:"seed"`
	Groups *groupsJSON         `json:"groups,omitempty"` // of all images
	Images []clustersImageJSON `json:"images"`
}

type groupsJSON struct {
	Sizes   []int      `json:"sizes"` // patches
	Inertia number     `json:"inertia"`
	Colours [][3]uint8 `json:"colours"`
	of      *show.Clusters
}

type clustersImageJSON struct {
	imageJSON
	Groups *groupsJSON `json:"groups,omitempty"` // with --each
	Labels [][]int     `json:"labels"`           // from 0
}

func (f *clustersFlags) run(cmd *cobra.Command, args []string) error {
	if f.k < 1 || f.k > mostClusters {
		return usage(cmd, "--clusters %d: must be 1 to %d", f.k, mostClusters)
	}
	s, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer s.close()
	images, err := s.all()
	if err != nil {
		return err
	}
	if err := s.enc.Model.Unchanged(); err != nil {
		return err
	}
	report := clustersJSON{Asked: f.k, Seed: f.seed, Images: []clustersImageJSON{}}
	labels := map[*seen][]int{}
	groups := map[*seen]*groupsJSON{}
	together := [][]*seen{images}
	if f.each {
		together = nil
		for _, im := range images {
			together = append(together, []*seen{im})
		}
	}
	for _, set := range together {
		g, err := f.cluster(cmd, set)
		if err != nil {
			return err
		}
		if !f.each {
			report.Groups = g
		}
		first := 0
		for _, im := range set {
			n := im.Rows * im.Cols
			labels[im], groups[im] = g.of.Labels[first:first+n], g
			first += n
		}
	}
	for _, im := range images {
		out := clustersImageJSON{imageJSON: im.json(), Labels: grid(labels[im], im.Cols, itself)}
		if f.each {
			out.Groups = groups[im]
		}
		report.Images = append(report.Images, out)
	}
	err = s.sheets("clusters", images, func(images []*seen) (*drawing, error) { return f.drawSheet(s, images, labels, groups) })
	if err != nil {
		return err
	}
	report.headJSON = s.head()
	if err := s.printJSON(report); err != nil {
		return err
	}
	return s.done()
}

// cluster groups the patches of some images.
func (f *clustersFlags) cluster(cmd *cobra.Command, images []*seen) (*groupsJSON, error) {
	features := images[0].Features
	if len(images) > 1 {
		features = nil
		for _, im := range images {
			features = append(features, im.Features...)
			im.Features = nil // they are kept once
		}
	}
	c, err := show.KMeans(cmd.Context(), features, images[0].width, f.k, show.ClusterOptions{Seed: f.seed, Cosine: f.cosine})
	if err != nil {
		return nil, err
	}
	return &groupsJSON{c.Sizes, number(c.Inertia), show.Palette(len(c.Sizes)), c}, nil
}

// drawSheet draws the sheet of some images.
func (f *clustersFlags) drawSheet(s *showing, images []*seen, labels map[*seen][]int, groups map[*seen]*groupsJSON) (*drawing, error) {
	d := &drawing{sheet: show.Sheet{Title: "Groups of similar patches"}}
	for _, im := range images {
		g := groups[im]
		title := fmt.Sprintf("%d×%d patches", im.Cols, im.Rows)
		strip, err := s.strip(im, painting{title, func(h, w int) *image.RGB {
			return show.Paint(labels[im], im.Rows, im.Cols, g.Colours, h, w, s.smooth).Paint(show.RGB)
		}, nil})
		if err != nil {
			return nil, err
		}
		d.sheet.Strips = append(d.sheet.Strips, strip)
	}
	g := groups[images[0]]
	d.said = fmt.Sprintf("%s of %s%s", count(len(g.Sizes), "group"), s.about(), sizes(images))
	if f.each && len(images) > 1 {
		d.said = fmt.Sprintf("groups of each image of %s%s", s.about(), sizes(images))
	} else {
		if len(g.Sizes) < f.k {
			d.said += fmt.Sprintf("; -k is %d, but no more patches differ", f.k)
		}
		total := 0
		for _, n := range g.Sizes {
			total += n
		}
		for i, n := range g.Sizes {
			d.sheet.Legend = append(d.sheet.Legend, show.Entry{Colour: g.Colours[i], Text: fmt.Sprintf("group %d: %.1f %%", i, 100*float64(n)/float64(total))})
		}
	}
	d.sheet.Notes = []string{d.said}
	return d, nil
}
