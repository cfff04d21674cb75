package main

import (
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// alphaFlag is --alpha: how transparent images are handled.
type alphaFlag string

const (
	alphaWhite alphaFlag = "white" // composed on white, as transformers' convert_to_rgb does
	alphaDrop  alphaFlag = "drop"  // ignored, as Pillow's convert("RGB") does
)

const alphaHelp = "transparent images: white (composite on white, as transformers) or drop (as Pillow)"

func (f *alphaFlag) add(cmd *cobra.Command) { f.addWith(cmd, alphaWhite, alphaHelp) }

// addTrained adds the flag of a command whose images are prepared as in training unless it is given.
func (f *alphaFlag) addTrained(cmd *cobra.Command) {
	f.addWith(cmd, "", alphaHelp+" (default as in training)")
}

func (f *alphaFlag) addWith(cmd *cobra.Command, usual alphaFlag, help string) {
	cmd.Flags().StringVar((*string)(f), "alpha", string(usual), help)
	complete(cmd, "alpha", string(alphaWhite), string(alphaDrop))
}

func (f *alphaFlag) check(cmd *cobra.Command) error {
	if *f != alphaWhite && *f != alphaDrop && cmd.Flags().Changed("alpha") {
		return usage(cmd, "--alpha %s: must be white or drop", string(*f))
	}
	return nil
}

// apply sets it in a processor.
func (f *alphaFlag) apply(p *image.Processor) { p.ConvertRGB = *f == alphaWhite }
