package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// showFlags are the choices that pca, similar, clusters, attention and compare share.
type showFlags struct {
	model   modelFlags
	size    sizeFlag
	layer   layerFlags
	panels  []string
	scale   float64
	smooth  bool
	colours string
	orient  bool
	alpha   alphaFlag
	pixels  int64 // at most
	out     string
	json    bool

	prints bool // without --json there is something to print too: --out may be missing
}

// layerFlags say which features are shown.
type layerFlags struct{ adaptor, block string }

// What a strip of panels can hold.
const (
	imagePanel   = "image"
	mapPanel     = "map"
	overlayPanel = "overlay"
)

// outHelp is what every one of these commands says of its output.
const outHelp = `An IMAGE is a file, a folder, a pattern or a list, as for cradio embed. --out FILE.png
holds all images on one sheet, and --out FOLDER/ a file for each. What made a file is in
its comment. --json prints the numbers, with --out or without.`

func (f *showFlags) add(cmd *cobra.Command, layers bool, panels ...string) {
	f.model.add(cmd)
	f.size.add(cmd, "how images are resized: card, native, N, HxW, short:N, long:N or pixels:N (default as many pixels as the model prefers)")
	flags := cmd.Flags()
	if layers {
		flags.StringVar(&f.layer.adaptor, "adaptor", "", "show the features of the teacher `NAME`")
		flags.StringVar(&f.layer.block, "block", "", "show the tokens that leave block `N`; a negative one counts from the end")
	}
	flags.StringSliceVar(&f.panels, "panels", panels, "what is shown of each image, side by side: image, map, overlay")
	flags.Float64Var(&f.scale, "scale", 0, "size of the panels, in times what the model sees (default: as it is, or a whole number of times more for small ones)")
	flags.BoolVar(&f.smooth, "smooth", false, "blend the patches into each other instead of showing squares")
	flags.BoolVar(&f.orient, "orient", false, "turn images as their EXIF orientation says")
	f.alpha.add(cmd)
	flags.Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "refuse an image of more pixels")
	flags.BoolVar(&f.json, "json", false, "print the numbers as one JSON object")
	flags.StringVarP(&f.out, "out", "o", "", "PNG `FILE` to write, or a folder")
	if err := cmd.MarkFlagFilename("out", "png"); err != nil {
		panic(err)
	}
	complete(cmd, "panels", imagePanel, mapPanel, overlayPanel, "image,map", "image,map,overlay")
}

// addColours adds the choice of the map from numbers to colours.
func (f *showFlags) addColours(cmd *cobra.Command) {
	var names []string
	for _, m := range show.ColourMaps() {
		names = append(names, m.Name)
	}
	cmd.Flags().StringVar(&f.colours, "colours", show.Viridis.Name, "colours of the numbers: "+strings.Join(names, ", "))
	complete(cmd, "colours", names...)
}

func (f *showFlags) colourMap() show.ColourMap {
	for _, m := range show.ColourMaps() {
		if m.Name == f.colours {
			return m
		}
	}
	return show.Viridis
}

// check refuses flags before anything is read or opened.
func (f *showFlags) check(cmd *cobra.Command) error {
	const leastScale, mostScale = 0.05, 16
	if err := f.alpha.check(cmd); err != nil {
		return err
	}
	if err := f.layer.check(cmd); err != nil {
		return err
	}
	for i, p := range f.panels {
		if !slices.Contains([]string{imagePanel, mapPanel, overlayPanel}, p) {
			return usage(cmd, "--panels %s: must be image, map and overlay, or some of them", strings.Join(f.panels, ","))
		}
		if slices.Contains(f.panels[:i], p) {
			return usage(cmd, "--panels %s: %s is given twice", strings.Join(f.panels, ","), p)
		}
	}
	known := f.colours == ""
	for _, m := range show.ColourMaps() {
		known = known || m.Name == f.colours
	}
	switch {
	case f.out == "" && !f.json && !f.prints:
		return usage(cmd, "--out is missing: must be the PNG file to write, or a folder; or give --json for the numbers alone")
	case f.out != "" && !f.folder() && !strings.EqualFold(filepath.Ext(f.out), ".png"):
		return usage(cmd, "--out %s: must be a name that ends in .png, or a folder (one that is not there yet ends in %c)", shown(f.out), filepath.Separator)
	case len(f.panels) == 0:
		return usage(cmd, "--panels: is empty; must be image, map and overlay, or some of them")
	case !known:
		return usage(cmd, "--colours %s: must be viridis, turbo or grey", shown(f.colours))
	case f.pixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.pixels)
	case cmd.Flags().Changed("scale") && !(f.scale >= leastScale && f.scale <= mostScale):
		return usage(cmd, "--scale %v: must be %v to %v", f.scale, leastScale, mostScale)
	}
	if f.out == "" || f.folder() {
		return nil
	}
	return output.Writable(f.out)
}

// folder says that --out is one: it is there, or its name ends in a separator.
func (f *showFlags) folder() bool {
	if f.out == "" {
		return false
	}
	info, err := os.Stat(f.out)
	return err == nil && info.IsDir() || os.IsPathSeparator(f.out[len(f.out)-1])
}

func (l *layerFlags) check(cmd *cobra.Command) error {
	if l.adaptor != "" && l.block != "" {
		return usage(cmd, "--adaptor and --block do not go together: an adaptor reads what leaves the last block")
	}
	if l.block == "" {
		return nil
	}
	if _, err := strconv.Atoi(l.block); err != nil {
		return usage(cmd, "--block %s: must be the number of a block, such as 5 or -1", shown(l.block))
	}
	return nil
}

// request is what the model is asked for. Blocks are as upstream's visualize_features.py
// asks for them: without a norm, and without the checkpoint's normaliser.
func (l *layerFlags) request() radio.Request {
	switch {
	case l.adaptor != "":
		return radio.Request{Adaptors: []string{l.adaptor}}
	case l.block != "":
		n, _ := strconv.Atoi(l.block) // checked
		return radio.Request{NoFeatures: true, Intermediates: &radio.Intermediates{Blocks: []int{n}, Alpha: radio.NoAlpha}}
	}
	return radio.Request{}
}

// name says which features they are, with a block counted from the first.
func (l *layerFlags) name(c radio.Config) string {
	switch {
	case l.adaptor != "":
		return "adaptor " + l.adaptor
	case l.block != "":
		n, _ := strconv.Atoi(l.block)
		if n < 0 {
			n += c.Depth
		}
		return fmt.Sprintf("block %d", n)
	}
	return "features"
}
