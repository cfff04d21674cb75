package main

import (
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// orientHelp is the help of --orient.
const orientHelp = "apply the EXIF orientation (Python's pipeline does not)"

// alphaFlag is --alpha: how transparent images are handled.
type alphaFlag string

const (
	alphaWhite alphaFlag = "white" // composed on white, as transformers' convert_to_rgb does
	alphaDrop  alphaFlag = "drop"  // ignored, as Pillow's convert("RGB") does
)

func (f *alphaFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar((*string)(f), "alpha", string(alphaWhite),
		`transparent images: white (composite on white, as transformers) or drop (as Pillow)`)
	complete(cmd, "alpha", string(alphaWhite), string(alphaDrop))
}

func (f *alphaFlag) check(cmd *cobra.Command) error {
	if *f != alphaWhite && *f != alphaDrop {
		return usage(cmd, "--alpha %s: must be white or drop", string(*f))
	}
	return nil
}

// apply sets it in a processor.
func (f *alphaFlag) apply(p *image.Processor) { p.ConvertRGB = *f == alphaWhite }
