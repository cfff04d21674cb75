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

// showFlags are the options that pca, similar, clusters, attention and compare share.
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

	prints bool // the command prints text too, so that --out may be missing
}

// layerFlags select the features to draw.
type layerFlags struct{ adaptor, block string }

// The panels of an image.
const (
	imagePanel   = "image"
	mapPanel     = "map"
	overlayPanel = "overlay"
)

// outHelp describes the output of these commands.
const outHelp = `IMAGE is a file, a folder, a pattern or a list, as for cradio embed. --out FILE.png draws
all images on one sheet. --out FOLDER/ writes one file per image. The comment of each file
says how it was made. --json prints the numbers, with or without --out.`

func (f *showFlags) add(cmd *cobra.Command, layers bool, panels ...string) {
	f.model.add(cmd)
	f.size.add(cmd, "image size, as for cradio embed (default as many pixels as the model's preferred size)")
	flags := cmd.Flags()
	if layers {
		flags.StringVar(&f.layer.adaptor, "adaptor", "", "use the features of the adaptor `NAME`")
		flags.StringVar(&f.layer.block, "block", "", "use the output of block `N`; -1 is the last (default the final features)")
	}
	flags.StringSliceVar(&f.panels, "panels", panels, "what to draw of each image, side by side: image, map, overlay")
	flags.Float64Var(&f.scale, "scale", 0, "scale factor of the panels (default 1, or a larger whole number for small images)")
	flags.BoolVar(&f.smooth, "smooth", false, "interpolate between patches instead of drawing squares")
	flags.BoolVar(&f.orient, "orient", false, orientHelp)
	f.alpha.add(cmd)
	flags.Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
	flags.BoolVar(&f.json, "json", false, "print the numbers as one JSON object")
	flags.StringVarP(&f.out, "out", "o", "", "PNG `FILE` to write, or a folder for one file per image")
	if err := cmd.MarkFlagFilename("out", "png"); err != nil {
		panic(err)
	}
	complete(cmd, "panels", imagePanel, mapPanel, overlayPanel, "image,map", "image,map,overlay")
}

// addColours adds the flag of the colour map.
func (f *showFlags) addColours(cmd *cobra.Command) {
	var names []string
	for _, m := range show.ColourMaps() {
		names = append(names, m.Name)
	}
	cmd.Flags().StringVar(&f.colours, "colours", show.Viridis.Name, "colour map: "+strings.Join(names, ", "))
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

// check checks the flags before anything is read or opened.
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
			return usage(cmd, "--panels %s: must be one or more of image, map and overlay", strings.Join(f.panels, ","))
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
		return usage(cmd, "--out is missing: give a PNG file to write, or a folder; or give --json to print the numbers only")
	case f.out != "" && !f.folder() && !strings.EqualFold(filepath.Ext(f.out), ".png"):
		return usage(cmd, "--out %s: must end in .png, or be a folder (the name of a new folder ends in %c)", shown(f.out), filepath.Separator)
	case len(f.panels) == 0:
		return usage(cmd, "--panels: is empty; must be one or more of image, map and overlay")
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

// folder reports whether --out is a folder: it exists, or its name ends in a separator.
func (f *showFlags) folder() bool {
	if f.out == "" {
		return false
	}
	info, err := os.Stat(f.out)
	return err == nil && info.IsDir() || os.IsPathSeparator(f.out[len(f.out)-1])
}

func (l *layerFlags) check(cmd *cobra.Command) error {
	if l.adaptor != "" && l.block != "" {
		return usage(cmd, "--adaptor and --block cannot be combined: adaptors use the output of the last block")
	}
	if l.block == "" {
		return nil
	}
	if _, err := strconv.Atoi(l.block); err != nil {
		return usage(cmd, "--block %s: must be the number of a block, such as 5 or -1", shown(l.block))
	}
	return nil
}

// request lists the outputs to compute. Outputs of blocks have no norm and no normaliser, as in
// upstream's visualize_features.py.
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

// name describes the features. Blocks are counted from the first.
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
