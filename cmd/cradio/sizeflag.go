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
const sizeHelp = `--size says to what size images are brought, the aspect ratio kept to within one patch,
and then to the nearest size that the model supports, in one resampling of the original:

  card       as preprocessor_config.json says, which is what the model card's call does
  native     the image's own size, at most the model's max_resolution
  N          N×N pixels, the aspect ratio not kept
  HxW        height × width, the aspect ratio not kept
  short:N    the shorter edge N pixels
  long:N     the longer edge N pixels
  pixels:N   as near to N pixels in all as the aspect ratio allows

--exact takes the two steps of Python instead: CLIPImageProcessor, then bilinear
interpolation to the nearest supported size.`

func (f *sizeFlag) add(cmd *cobra.Command, use string) {
	cmd.Flags().VarP(f, "size", "s", use)
	complete(cmd, "size", "card", "native", "224", "432", "512", "768", "1024", "short:", "long:", "pixels:")
}

// addExact adds --exact.
func (f *sizeFlag) addExact(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.exact, "exact", false, "resize in Python's two steps, CLIPImageProcessor and bilinear interpolation")
}

// Set parses a size.
func (f *sizeFlag) Set(text string) error {
	f.given = true
	return f.Size.Set(text)
}

// String is the default or what was given, for help.
func (f *sizeFlag) String() string {
	if !f.given {
		return ""
	}
	return f.Size.String()
}

// settings is what features depend on.
func (f *sizeFlag) settings() string {
	return fmt.Sprintf("size=%s exact=%t", f.Size, f.exact)
}

// check refuses a size that the model does not have.
func (f *sizeFlag) check(c radio.Config) error {
	if err := f.Size.Check(&c); err != nil {
		return fmt.Errorf("--size %s: %w", f.Size, err)
	}
	if f.exact {
		return f.Size.CheckExact()
	}
	return nil
}

// of is the size of a model's input, given or the preferred one.
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

// apply makes an encoder resize so.
func (f *sizeFlag) apply(e *radio.Encoder) { e.Size, e.Exact = f.Size, f.exact }
