package main

import (
	"path/filepath"
	"strings"

	"cradio/radio/output"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// pcaFlags are the options of `cradio pca`.
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
		Short: "Draw the features as colours, by their principal components",
		Long: `pca draws the features of each patch as a colour, beside the image. Red, green and blue
are the first three principal components of the features. Patches with similar features
have similar colours. All images share their components, so colours can be compared
between images.

COLOURS

Each component is scaled to the range of a colour. The range spans the values within
--deviations median absolute deviations of the median. Each component's sign makes the
largest entry of its axis positive. The result is the image that upstream's
visualize_features.py draws, except that its files swap red and blue.

BASIS

--save-basis writes the components and their ranges to a file. --basis uses them for other
images, so that the colours of video frames do not flicker. A basis from another model or
another layer is an error. --each computes the components of each image separately.

FOREGROUND

--foreground splits the patches in two by the first component, and draws the components of
one part only. low or high selects the part. auto selects the part that has the smaller
fraction of its patches at the edges of the images.

OUTLIERS

Patches whose norm is more than --outliers deviations from the median of their image are
outlined in red and listed. Some models store information about the whole image in such
patches.

OUTPUT

` + outHelp,
		Example: `  cradio pca photo.jpg --out pca.png
  cradio pca frames/ --model C-RADIOv2-B --size 768x1024 --smooth --out colours/ --save-basis film.safetensors
  cradio pca cat.jpg dog.jpg --block 8 --foreground auto --out pca.png`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, true, imagePanel, mapPanel, overlayPanel)
	flags := cmd.Flags()
	flags.StringVar(&f.basis, "basis", "", "use the components in this `FILE`, which --save-basis wrote")
	flags.StringVar(&f.save, "save-basis", "", "write the components to a `FILE` that ends in .safetensors")
	flags.BoolVar(&f.each, "each", false, "compute components for each image; colours are then not comparable between images")
	flags.IntVar(&f.skip, "skip", 0, "skip the first `N` components")
	flags.Float64Var(&f.deviations, "deviations", 2, "range of a colour: median absolute deviations from the median")
	flags.Float64Var(&f.outliers, "outliers", show.DefaultDeviations, "list patches whose norm is this many deviations from the median")
	flags.BoolVar(&f.without, "without-outliers", false, "exclude outlier patches when computing the components")
	flags.StringVar(&f.front, "foreground", "", "draw only the foreground: the `SIDE` of the first component (auto, low, high)")
	flags.Float64Var(&f.frontAt, "foreground-at", 0, "where to split, 0 to 1 of the first component's range (default: Otsu's threshold)")
	complete(cmd, "foreground", string(show.Auto), string(show.Low), string(show.High))
	return cmd
}

// someImages returns an error unless there is at least one image.
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
		return usage(cmd, "--basis already has the components: leave out --save-basis, --each, --skip, --deviations, --foreground and --without-outliers")
	case f.save != "" && f.each:
		return usage(cmd, "--save-basis and --each cannot be combined: a file holds one basis")
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
	if p.basis != nil && s.folder() { // one image at a time, for any number of images
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
