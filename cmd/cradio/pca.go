package main

import (
	"fmt"
	"io"

	"os"
	"path/filepath"
	"strings"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"
	"cradio/radio/pca"

	"github.com/spf13/cobra"
)

// pcaFlags are the choices of `cradio pca`.
type pcaFlags struct {
	model  modelFlags
	size   sizeFlag
	scale  int
	smooth bool
	orient bool
	alpha  alphaFlag
	pixels int64 // at most
	out    string
}

func newPCACmd() *cobra.Command {
	f := &pcaFlags{}
	cmd := &cobra.Command{
		Use:   "pca PICTURE --out FILE.png",
		Short: "A picture of the features' principal components",
		Long: `pca draws what the model sees: the features of each patch along their first three
principal components, as red, green and blue, beside the picture itself. Patches of
one colour mean much the same to the model.

The components are those of this one picture, so colours of two pictures cannot be
compared. Each fills the range of its colour but for the 1 % of the patches at either
end, and has the sign that makes the largest entry of its axis positive.

By default the picture keeps its shape, at about as many pixels as the model prefers;
--size gives more patches, and so more detail.`,
		Example: `  cradio pca photo.jpg --out pca.png
  cradio pca photo.jpg --out pca.png --model C-RADIOv2-B --size 768x1024 --smooth`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "wants one PICTURE, found %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.model.add(cmd)
	f.size.add(cmd, "how the image is resized: card, native, N, HxW, short:N, long:N or pixels:N (default as many pixels as the model prefers)")
	cmd.Flags().IntVar(&f.scale, "scale", 1, "enlarge the result so many times")
	cmd.Flags().BoolVar(&f.smooth, "smooth", false, "blend the patches into each other instead of showing squares")
	cmd.Flags().BoolVar(&f.orient, "orient", false, "turn the picture as its EXIF orientation says")
	f.alpha.add(cmd)
	cmd.Flags().Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "refuse an image of more pixels")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "PNG `FILE` to write")
	if err := cmd.MarkFlagFilename("out", "png"); err != nil {
		panic(err)
	}
	return cmd
}

func (f *pcaFlags) run(cmd *cobra.Command, name string) error {
	const maxScale = 16
	if err := f.alpha.check(cmd); err != nil {
		return err
	}
	switch {
	case f.out == "":
		return usage(cmd, "--out is missing: wants the PNG file to write")
	case !strings.EqualFold(filepath.Ext(f.out), ".png"):
		return usage(cmd, "--out %s: wants a name that ends in .png", f.out)
	case f.pixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.pixels)
	case f.scale < 1 || f.scale > maxScale:
		return usage(cmd, "--scale %d: wants 1 to %d", f.scale, maxScale)
	}
	if err := output.Writable(f.out); err != nil {
		return err
	}
	if same(f.out, name) {
		return usage(cmd, "--out %s: is the image itself; choose another name", shown(f.out))
	}
	m, err := f.model.open(cmd)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := f.size.check(m.Config()); err != nil {
		return err
	}
	enc := radio.NewEncoder(m)
	enc.Decode = image.DecodeOptions{Orient: f.orient, MaxPixels: f.pixels}
	img, err := input(cmd, enc, name).Load()
	if err != nil {
		return err
	}
	if !f.size.given {
		c := m.Config()
		f.size.Size = radio.PixelCount(c.PreferredResolution[0] * c.PreferredResolution[1])
	}
	processor := *m.Processor()
	enc.Processor = &processor
	f.size.apply(enc)
	f.alpha.apply(enc.Processor)
	seen, err := enc.Resize(img)
	if err != nil {
		return err
	}
	e, err := enc.Encode(cmd.Context(), img)
	if err != nil {
		return err
	}
	return f.draw(cmd, seen, e.Items[0])
}

// same says whether two paths are of one file.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// draw writes the components of r beside what the model saw.
func (f *pcaFlags) draw(cmd *cobra.Command, seen *image.RGB, r radio.Result) error {
	d := r.Features
	parts := output.Parts(r, output.About{Features: true})
	if err := finite(r.Name, parts, output.Float32); err != nil {
		return err
	}
	features := parts[len(parts)-1] // (T, D)
	c, err := pca.New(features.Data, d.Shape()[0], d.Shape()[1], 3)
	if err != nil {
		return err
	}
	h, w := seen.H*f.scale, seen.W*f.scale
	left, err := image.Resize(seen, h, w, image.Bicubic)
	if err != nil {
		return err
	}
	filter := image.Nearest
	if f.smooth {
		filter = image.Bicubic
	}
	right, err := image.Resize(c.Colours(r.Rows, r.Cols), h, w, filter)
	if err != nil {
		return err
	}
	gap := max(w/64, 1)
	said := fmt.Sprintf("features of %s at %dx%d pixels; %.1f %%, %.1f %% and %.1f %% of the variance are red, green and blue",
		f.model.name, r.Height, r.Width, 100*c.Shares[0], 100*c.Shares[1], 100*c.Shares[2])
	if f.model.synthetic() {
		said += "; " + output.SyntheticNote
	}
	err = loader.WriteFile(f.out, func(to io.Writer) error { return pca.WritePNG(to, pca.Beside(left, right, gap), said) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", shown(f.out), said)
	return err
}
