package main

import (
	"fmt"

	"cradio/radio"

	"github.com/spf13/cobra"
)

// sizeFlag is --size, and for commands that encode images --exact.
type sizeFlag struct {
	radio.Size
	exact bool
	given bool
}

// sizeHelp describes the values of --size.
const sizeHelp = `IMAGE SIZE

--size sets the size to which images are resized:

  card       as preprocessor_config.json says, like the code on the model card
  native     the image's own size, up to the model's max_resolution
  N          N×N pixels, whatever the aspect ratio
  HxW        height × width, whatever the aspect ratio
  short:N    the shorter edge is N pixels
  long:N     the longer edge is N pixels
  pixels:N   about N pixels in total

The size is rounded to the nearest one that the model supports. Except for N and HxW, this
keeps the aspect ratio to within one patch. The image is resampled once. --exact resamples
twice, as Python does: CLIPImageProcessor, then bilinear interpolation to the nearest
supported size.`

func (f *sizeFlag) add(cmd *cobra.Command, use string) {
	cmd.Flags().VarP(f, "size", "s", use)
	complete(cmd, "size", "card", "native", "224", "432", "512", "768", "1024", "short:", "long:", "pixels:")
}

// addExact adds --exact.
func (f *sizeFlag) addExact(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.exact, "exact", false, "resize in two steps, as Python does; see above")
}

// Set parses a size.
func (f *sizeFlag) Set(text string) error {
	f.given = true
	return f.Size.Set(text)
}

// String is the given size, or empty for the default.
func (f *sizeFlag) String() string {
	if !f.given {
		return ""
	}
	return f.Size.String()
}

// settings describes the options that features depend on.
func (f *sizeFlag) settings() string {
	return fmt.Sprintf("size=%s exact=%t", f.Size, f.exact)
}

// check returns an error for a size that the model does not support.
func (f *sizeFlag) check(c radio.Config) error {
	if err := f.Size.Check(&c); err != nil {
		return fmt.Errorf("--size %s: %w", f.Size, err)
	}
	if f.exact {
		return f.Size.CheckExact()
	}
	return nil
}

// of is the size of the model's input: the given size, or the preferred one.
func (f *sizeFlag) of(m *radio.Model) (h, w int, err error) {
	c := m.Config()
	if err := f.check(c); err != nil {
		return 0, 0, err
	}
	h, w = c.NearestSize(c.PreferredResolution[0], c.PreferredResolution[1])
	if f.given {
		h, w, _ = f.Size.Of(&c, m.Processor(), h, w)
	}
	return h, w, nil
}

// apply sets the size of an encoder.
func (f *sizeFlag) apply(e *radio.Encoder) { e.Size, e.Exact = f.Size, f.exact }
