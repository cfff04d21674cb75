package main

import (
	"path/filepath"
	"strings"

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
	f.add(cmd, true, imagePanel, mapPanel, overlayPanel)
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
