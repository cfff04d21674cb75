package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cradio/radio/data"
	"cradio/radio/image"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// evalFlags are the options that knn and logistic share.
type evalFlags struct {
	model     modelFlags
	size      sizeFlag
	adaptor   string
	input     string
	batch     int
	alpha     alphaFlag
	orient    bool
	pixels    int64
	train     string
	val, test string // a fraction or a path
	labels    string // a list, for features in a file
	columns   columnsFlag
	seed      uint64
	json      bool
	plan      bool
	confusion string
}

// The values of --input.
const (
	inputSummary = "summary"
	inputMean    = "mean"
	inputBoth    = "both"
)

func (f *evalFlags) add(cmd *cobra.Command, val string) {
	f.model.add(cmd)
	f.size.add(cmd, "image size, as for cradio embed (default card)")
	flags := cmd.Flags()
	flags.StringVar(&f.input, "input", inputSummary, "features to classify, see above")
	flags.StringVar(&f.adaptor, "adaptor", "", "use the features of the adaptor `NAME`")
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	f.alpha.add(cmd)
	flags.BoolVar(&f.orient, "orient", false, orientHelp)
	flags.Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
	flags.StringVar(&f.train, "train", "", "`PATH` of the images to learn from, instead of DATA")
	flags.StringVar(&f.val, "val", val, "validation part: a `SHARE` of DATA, or a path")
	flags.StringVar(&f.test, "test", "0.2", "test part: a `SHARE` of DATA, or a path")
	flags.StringVar(&f.labels, "labels", "", "`LIST` of the labels of features in an .npz or .npy file")
	f.columns.add(flags)
	flags.Uint64Var(&f.seed, "seed", 0, "seed of the split, of few-shot sets and of the interval")
	flags.BoolVar(&f.json, "json", false, "print the results as one JSON object")
	flags.BoolVar(&f.plan, "plan", false, "print what would be computed, how long it takes and how much memory")
	flags.StringVar(&f.confusion, "confusion", "", "PNG `FILE` to write: which class was taken for which")
	if err := cmd.MarkFlagFilename("confusion", "png"); err != nil {
		panic(err)
	}
	complete(cmd, "input", inputSummary, inputMean, inputBoth, "class:last:4", "class:last:4+mean")
}

// oneSet is the check of the arguments: DATA or --train.
func oneSet(cmd *cobra.Command, args []string) error {
	train := cmd.Flags().Changed("train")
	switch {
	case len(args) == 0 && !train:
		return usage(cmd, "no DATA given: must be a folder with a folder for each class, or a list")
	case len(args) > 1 || len(args) == 1 && train:
		return usage(cmd, "want one DATA, or --train instead of it; found %s", count(len(args), "argument"))
	}
	return nil
}

func (f *evalFlags) check(cmd *cobra.Command) error {
	if err := cmp.Or(f.alpha.check(cmd), f.checkInput(cmd)); err != nil {
		return err
	}
	switch {
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.pixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.pixels)
	case f.confusion == "":
		return nil
	case !strings.EqualFold(extensionOf(f.confusion), ".png"):
		return usage(cmd, "--confusion %s: must end in .png", shown(f.confusion))
	}
	return output.Writable(f.confusion)
}

// open lists the set, reads its files and splits it.
func (f *evalFlags) open(cmd *cobra.Command, path string) (*data.Dataset, error) {
	if f.labels != "" {
		return nil, usage(cmd, "--labels: is for features in an .npz or .npy file; a list of images is DATA itself")
	}
	d, err := f.columns.open(cmd, path)
	if err != nil {
		return nil, err
	}
	shares, paths, err := f.shares(cmd)
	if err != nil {
		return nil, err
	}
	others := map[data.Part]*data.Dataset{}
	for part, path := range paths {
		columns := f.columns
		if !data.IsList(path) {
			columns = columnsFlag{}
		}
		if others[part], err = columns.open(cmd, path); err != nil {
			return nil, fmt.Errorf("--%s: %w", part, err)
		}
	}
	if len(others) > 0 {
		if d, err = data.Combine(d, others); err != nil {
			return nil, err
		}
	}
	if d.MultiLabel {
		return nil, fmt.Errorf("%s: has several labels an image: knn and logistic want one; give a column label", shown(d.Path))
	}
	if err := d.Read(cmd.Context(), nil); err != nil {
		return nil, err
	}
	return d, f.split(cmd, d, shares)
}

// shares are the parts that --val and --test take from DATA, or the paths that they name.
func (f *evalFlags) shares(cmd *cobra.Command) (shares data.Fractions, paths map[data.Part]string, err error) {
	paths = map[data.Part]string{}
	for _, p := range []struct {
		part  data.Part
		value string
		share *float64
	}{{data.Val, f.val, &shares.Val}, {data.Test, f.test, &shares.Test}} {
		share, err := strconv.ParseFloat(p.value, 64)
		if err != nil {
			paths[p.part] = p.value
			continue
		}
		*p.share = share
	}
	if err := shares.Check(); err != nil {
		return shares, nil, usage(cmd, "--val and --test: %v", err)
	}
	return shares, paths, nil
}

// split splits what has no parts. Of a set that has, val is taken from train if it is missing
// and was asked for.
func (f *evalFlags) split(cmd *cobra.Command, d *data.Dataset, shares data.Fractions) error {
	from := data.Part("")
	if len(d.Part("")) == 0 {
		from = data.Train
		if len(d.Part(data.Test)) > 0 || !cmd.Flags().Changed("test") {
			shares.Test = 0
		}
		if len(d.Part(data.Val)) > 0 {
			shares.Val = 0
		}
	}
	if err := d.Split(from, shares, f.seed); err != nil {
		return err
	}
	return d.Check()
}

// tell prints what the set holds. orient says that the EXIF orientation is applied.
func tell(cmd *cobra.Command, d *data.Dataset, orient bool) (failures []failure) {
	for _, s := range d.Skipped {
		if errors.Is(s.Err, data.ErrStraddles) {
			continue
		}
		fail := newFailure(s.Path, s.Err)
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", fail.Error)
		failures = append(failures, fail)
	}
	lines, warnings := d.Report()
	for _, line := range lines {
		say("%s", escaped(line, false)) // each is one line, whatever the names of classes are
	}
	for _, line := range warnings {
		warn("%s", escaped(line, false))
	}
	if turned := d.Turned(); turned != "" && !orient {
		warn("%s; --orient applies it", turned)
	}
	return failures
}
