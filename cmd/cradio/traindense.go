package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/spf13/cobra"
)

func newTrainSegmentCmd() *cobra.Command {
	f := &trainFlags{}
	var where pairFlags
	var names string
	var overAll bool
	var values maskFlags
	cmd := &cobra.Command{
		Use:   "segment DATA",
		Short: "Train a head that names the class of each pixel",
		Long: `segment trains a head that names the class of each pixel. The features of patches are
classified, and the scores are resized bilinearly to the pixels. Heads are

  segment     BatchNorm and a 1×1 convolution (NVlabs', mmseg's), on one or several levels
  fused       SegFormer's all-MLP fusion of levels: --input block:quarters
  upsampling  stages of a 3×3 convolution, BatchNorm and ReLU, each followed by twice the
              resolution: --hidden 256,128 has two, for finer edges than patches have

DATA is a folder of images and masks: a mask has the name of its image, and is a PNG (or GIF,
BMP, TIFF) with a palette, or grey with 8 bits; names may also differ in what all masks end in,
such as _mask.
` + fmt.Sprintf(pairHelp, "masks", "masks", "mask") + `

A pixel's value is its class; 255 does not count. With --zero-ignored, 0 does not count, and
class c is stored as c + 1, as in ADE20K. --class-map 0:0,255:1 is for masks that are black and
white, --class-map 7:0,8:1,11:2 takes some values, and --class-map '#000000:0,#ff0000:1' colours:
what the map lacks does not count. The map may be in a file, which may also be a table
name,r,g,b (class_dict.csv): that names the classes. DATA may also be a STORE of cradio features
--masks: then only the masks are read.

` + trainHelp,
		Example: `  cradio eval generate masks --kind masks && cradio train segment masks --model synthetic:nano --size 64 --out run
  cradio train segment scenes/ --model nvidia/C-RADIOv2-B --size 512 --out run --classes sky,road,car
  cradio train segment ade/ --model nvidia/C-RADIOv2-B --head fused --input block:quarters --zero-ignored --out run
  cradio train segment scenes/ --model nvidia/C-RADIOv2-B --size 512 --head upsampling --hidden 256,128 --out run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			if err := values.parse(cmd); err != nil {
				return err
			}
			store, err := f.store(args[0])
			if err != nil {
				return err
			}
			defer store.Close()
			d, targets, err := f.pairs(cmd, store, &where, args[0])
			if err != nil {
				return err
			}
			classes, err := classNames(names, d, targets, &values)
			if err != nil {
				return err
			}
			set, err := train.Masked(d, targets, classes)
			if err != nil {
				return err
			}
			set.Store = store
			t := &training{trainFlags: f, cmd: cmd, set: set, failures: tellPairs(cmd, d, set)}
			return t.run(func(r *train.Recipe) {
				ignored := data.Ignored
				r.OverAll, r.ZeroIgnored, r.ClassMap, r.Head.Ignore = overAll, values.zeroIgnored, values.mapped, &ignored
			})
		},
	}
	f.add(cmd, standard{head.Segment, []head.Kind{head.Segment, head.Fused, head.Upsampling}, "features",
		"width of the hidden layer of a fused head (default that of its input), or of each stage of an upsampling one (default a half and a quarter)", 20, 8,
		[]train.LossKind{train.CrossEntropy, train.Focal, train.Dice}})
	flags := cmd.Flags()
	where.add(cmd, "mask", "masks", data.UsualMasks())
	flags.StringVar(&names, "classes", "", "number of classes, or their `NAMES` (default what the masks have)")
	values.add(flags, "")
	flags.BoolVar(&overAll, "over-all", false, "divide the loss by all pixels, as mmsegmentation does")
	return cmd
}

func newTrainDepthCmd() *cobra.Command {
	f := &trainFlags{}
	var where pairFlags
	var low, high, unit, gradient float64
	var bins, upsample int
	var logBins bool
	var weights string
	cmd := &cobra.Command{
		Use:   "depth DATA",
		Short: "Train a head that tells the depth of each pixel",
		Long: `depth trains a head that tells the depth of each pixel in metres: scores of bins between
--near and --far, whose mean is the depth, as in DINOv2; with --bins 1 a plain regression.
DINOv2 joins the class tokens of each level to its patches, on a grid of four times the
patches: --input features,class:last:1 --upsample 4.

DATA is a folder of images and depth maps: a map has the name of its image, and is a grey PNG
or TIFF with 16 bits.
` + fmt.Sprintf(pairHelp, "depth", "depths", "depth") + `

--per-metre is how much 1 m is in the file; 0 means that nothing was measured.
DATA may also be a STORE of cradio features --depth.

` + trainHelp,
		Example: `  cradio eval generate depths --kind depth && cradio train depth depths --model synthetic:nano --size 64 --out run
  cradio train depth kitti/ --model nvidia/C-RADIOv2-B --size 352x1216 --per-metre 256 --far 80 --out run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			store, err := f.store(args[0])
			if err != nil {
				return err
			}
			defer store.Close()
			d, targets, err := f.pairs(cmd, store, &where, args[0])
			if err != nil {
				return err
			}
			set, err := train.Depthed(d, targets)
			if err != nil {
				return err
			}
			set.Store = store
			t := &training{trainFlags: f, cmd: cmd, set: set, failures: tellPairs(cmd, d, set)}
			return t.run(func(r *train.Recipe) {
				r.PerMetre, r.Gradient = unit, gradient
				r.Head.Outputs = bins
				r.Head.Bins = &head.Bins{Low: low, High: high, Log: logBins, Weights: head.DepthWeights(weights), Upsample: upsample}
			})
		},
	}
	f.add(cmd, standard{head.Depth, []head.Kind{head.Depth}, "features", "", 20, 8, []train.LossKind{train.SILog, train.SmoothL1}})
	flags := cmd.Flags()
	where.add(cmd, "depth", "depths", data.UsualDepths())
	flags.Float64Var(&unit, "per-metre", data.Millimetres, "how much 1 m is in the file")
	flags.Float64Var(&low, "near", 1e-3, "smallest depth, metres")
	flags.Float64Var(&high, "far", 10, "largest depth, metres")
	flags.IntVar(&bins, "bins", 256, "number of bins")
	flags.BoolVar(&logBins, "log-bins", false, "bins that grow with the depth (DINOv2's SID)")
	flags.StringVar(&weights, "bin-weights", string(head.LinearWeights), "how scores become the weights of bins: linear, sigmoid or softmax")
	flags.IntVar(&upsample, "upsample", 1, "finer grid: so many times the patches, at most 16")
	flags.Float64Var(&gradient, "gradient", 0.5, "weight of the gradient loss")
	return cmd
}

// pairs are the pairs of a store, or of folders. targets has the file of a mask or depth map by the path of
// its image.
func (f *trainFlags) pairs(cmd *cobra.Command, store *features.Store, where *pairFlags, path string) (d *data.Dataset, targets map[string]string, err error) {
	targets = map[string]string{}
	if store != nil {
		for _, item := range store.Set.Items {
			if item.Target == "" {
				return nil, nil, fmt.Errorf("%s: has no masks or depth maps; make it with cradio features IMAGES --masks DIR, or --depth DIR", shown(store.Dir))
			}
			targets[item.Path] = item.Target
		}
		return store.Set, targets, f.split(cmd, store.Set)
	}
	d, alone, err := where.open(cmd, path)
	if err != nil {
		return nil, nil, err
	}
	if len(alone) > 0 {
		warn("%s without a partner left out, such as %s", count(len(alone), "file"), shown(alone[0]))
	}
	for _, item := range d.Items {
		targets[item.Path] = item.Target
	}
	return d, targets, f.readAndSplit(cmd, d)
}

// tellPairs prints what a set holds.
func tellPairs(cmd *cobra.Command, d *data.Dataset, s *train.Set) (failures []failure) {
	for _, skipped := range d.Skipped {
		fail := newFailure(skipped.Path, skipped.Err)
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", fail.Error)
		failures = append(failures, fail)
	}
	for _, note := range d.Notes {
		say("%s", note)
	}
	text := fmt.Sprintf("train: %s, val: %s", count(len(s.Train), "image"), count(len(s.Val), "image"))
	if len(s.Classes) > 0 {
		text += "; " + classes(len(s.Classes))
	}
	say("%s", text)
	return failures
}

// classNames are the classes of masks: the names that were given, or numbers.
func classNames(given string, d *data.Dataset, targets map[string]string, values *maskFlags) ([]string, error) {
	n, err := strconv.Atoi(given)
	switch {
	case given != "" && err != nil:
		if text, err := os.ReadFile(given); err == nil {
			return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "\r", "")), "\n"), nil
		}
		return strings.Split(given, ","), nil
	case given == "" && values.mapped != nil && values.mapped.Names() != nil:
		return values.mapped.Names(), nil
	case given == "" && values.mapped != nil:
		n = values.mapped.Classes()
	case given == "":
		var list []string
		for _, item := range d.Items {
			list = append(list, targets[item.Path])
		}
		if n, err = train.CountClasses(list, values.options(0)); err != nil {
			return nil, err
		}
	}
	if n < 2 || n > data.Ignored {
		return nil, fmt.Errorf("the masks have %s: must be 2 to %d; in black and white masks, whose 255 would not count, give --class-map 0:0,255:1", classes(n), data.Ignored)
	}
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names, nil
}
