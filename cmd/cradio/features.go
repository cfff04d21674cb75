package main

import (
	"fmt"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/features"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// featuresFlags are the options of `cradio features`.
type featuresFlags struct {
	model    modelFlags
	size     sizeFlag
	sources  []string
	views    int
	seed     uint64
	crops    []float64
	batch    int
	orient   bool
	fast     bool
	alpha    alphaFlag
	pixels   int64
	masks    string
	depth    string
	noLabels bool
	columns  columnsFlag
	out      string
	outDType string
	rehash   bool
	json     bool
	plan     bool
}

func newFeaturesCmd() *cobra.Command {
	f := &featuresFlags{}
	cmd := &cobra.Command{
		Use:   "features DATA… --out STORE",
		Short: "Compute features of labelled images into a store, to train and evaluate on",
		Long: `features runs the model once for each image of DATA, or once for each of a few crops, and
stores what a head is trained on. Training and evaluation then read the store instead of
the images, and take seconds instead of hours. A complete example, offline:

  cradio eval generate shapes
  cradio features shapes --out store --model synthetic:nano --size 64
  cradio eval knn store
  cradio train classify store --model synthetic:nano --out run

DATA

DATA is one of:

  FOLDER          a folder for each class: FOLDER/cat/1.jpg. If there are folders train, val
                  or test, the classes are below them: FOLDER/train/cat/1.jpg
  LIST.csv        a header with the columns path, label (or labels: cat;dog) and perhaps
                  split (train, val or test); beside labels perhaps unknown, see
                  cradio train classify
  LIST.jsonl      an object on each line with the same fields
  FOLDER --masks DIR, FOLDER --depth DIR
                  images and their masks or depth maps (PNG), with the same names
  IMAGE…          images, folders or patterns without labels, as for cradio embed. Of a
                  FOLDER that has folders, --no-labels says so

Images that cannot be read are reported and skipped.

WHAT IS STORED

--source names what is stored of each image; it may be repeated, or separated by commas:

  summary         the summary of the image (the default)
  mean            the mean of the features of all patches
  features        the feature of each patch: several hundred times as much space
  adaptor:NAME    the summary of the adaptor NAME
  class:I         the class tokens after block I; class:last:N those of the last N blocks
  block:I         the patches after block I; block:last:N, or block:quarters for four levels

--views N stores N views of each image: the whole image, and N-1 crops, of which half are
flipped. They depend on --seed and the image only. All but vectors of whole images need a
--size that is the same for all images, such as 224.

--out-dtype bfloat16 halves the store, and doubles the speed of training on it.

The size of the store is printed before work begins, with the free space of the disk.
--plan prints that, and how long it will take, and computes only one image.

INTERRUPTIONS AND CHANGES

An interrupted run goes on when the same command is run again, even after a crash: what was
computed is kept. The same command also brings a store up to date. Only new images and
images whose contents have changed are computed. Another model, size or other option computes
all images again, beside the earlier ones; cradio features prune STORE frees the space of
what is not needed any more. Files whose size and times have not changed are not read again, unless --rehash is set.

Every row has a checksum. If STORE is damaged, the same command computes the rows that are
lost, and no others. One process writes to STORE at a time; several may read it.

Exit status: 0; 1 if images were skipped; 2 if the command line or DATA is wrong, or STORE
cannot be written; 130 if interrupted.`,
		Example: `  cradio features flowers/ --out store --model nvidia/C-RADIOv2-B --size 224
  cradio features flowers/ --out store --source summary,mean --views 8 --size 224 --out-dtype bfloat16
  cradio features images/ --masks masks/ --out store --source block:quarters --size 512 --plan
  cradio features 'photos/**/*.jpg' --out store --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usage(cmd, "no DATA given: must be a folder, a list, or images")
			case !cmd.Flags().Changed("out"):
				return usage(cmd, "--out STORE is missing: the folder to write")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd)
	cmd.AddCommand(newFeaturesPruneCmd())
	return cmd
}

func (f *featuresFlags) add(cmd *cobra.Command) {
	f.model.add(cmd)
	f.size.add(cmd, "image size, as for cradio embed (default card)")
	flags := cmd.Flags()
	flags.StringSliceVar(&f.sources, "source", []string{string(radio.SummarySource)}, "`NAMES` of what to store; see above")
	flags.IntVar(&f.views, "views", 1, "views of each image: the whole image, and crops")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of the crops")
	flags.Float64SliceVar(&f.crops, "crops", features.DefaultScale[:], "smallest and largest part of the area of an image that a crop has")
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	flags.BoolVar(&f.fast, "fast-decode", false, fastHelp)
	flags.BoolVar(&f.orient, "orient", false, orientHelp)
	f.alpha.add(cmd)
	flags.Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
	flags.StringVar(&f.masks, "masks", "", "folder `DIR` of the images' masks")
	flags.StringVar(&f.depth, "depth", "", "folder `DIR` of the images' depth maps")
	f.columns.add(flags)
	flags.BoolVar(&f.noLabels, "no-labels", false, "folders in DATA are no classes")
	flags.StringVarP(&f.out, "out", "o", "", "folder `STORE` to write, or to bring up to date")
	flags.StringVar(&f.outDType, "out-dtype", string(features.Float32), "`TYPE` of numbers: float32 or bfloat16")
	flags.BoolVar(&f.rehash, "rehash", false, "read all images, also those whose size and times have not changed")
	flags.BoolVar(&f.json, "json", false, "print a report as one JSON object")
	flags.BoolVar(&f.plan, "plan", false, "print the size of the store, and how long it takes to fill")
	complete(cmd, "source", "summary", "mean", "features", "class:last:4", "block:quarters", "block:last:4")
	complete(cmd, "out-dtype", string(features.Float32), string(features.BFloat16))
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
}

// check returns an error for flags that cannot be combined.
func (f *featuresFlags) check(cmd *cobra.Command, args []string) error {
	if err := f.alpha.check(cmd); err != nil {
		return err
	}
	if d, ok := map[string]features.DType{"bf16": features.BFloat16, "fp32": features.Float32}[f.outDType]; ok {
		f.outDType = string(d)
	}
	switch {
	case features.DType(f.outDType).Check() != nil:
		return usage(cmd, "--out-dtype %s: must be float32 or bfloat16", shown(f.outDType))
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.pixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.pixels)
	case len(f.crops) != 2:
		return usage(cmd, "--crops: has %s; want two, such as 0.35,1", count(len(f.crops), "number"))
	case f.masks != "" && f.depth != "":
		return usage(cmd, "--masks and --depth are both given; the store of one serves the other, since it has only features")
	case (f.masks != "" || f.depth != "") && len(args) != 1:
		return usage(cmd, "--masks and --depth want one folder of images; found %s", count(len(args), "argument"))
	}
	if err := f.viewsOf().Check(); err != nil {
		return usage(cmd, "--views and --crops: %v", err)
	}
	return nil
}

func (f *featuresFlags) viewsOf() features.Views {
	return features.Views{Count: f.views, Seed: f.seed, Scale: [2]float64(f.crops)}
}

// sourcesOf expands the names of --source for a model.
func (f *featuresFlags) sourcesOf(cmd *cobra.Command, c radio.Config) ([]radio.Source, error) {
	var list []radio.Source
	for _, name := range f.sources {
		expanded, err := expandSource(strings.TrimSpace(name), c.Depth)
		if err != nil {
			return nil, usage(cmd, "--source: %v", err)
		}
		for _, s := range expanded {
			if _, err := s.Width(&c); err != nil {
				return nil, usage(cmd, "--source: %v", err)
			}
		}
		list = append(list, expanded...)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// sourceText names sources with their shapes.
func sourceText(r features.Recipe) string {
	var names []string
	for _, c := range r.Columns {
		names = append(names, fmt.Sprintf("%s %s", c.Source, shapeText(c.Shape)))
	}
	return strings.Join(names, ", ")
}
