package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"cradio/radio/data"
	"cradio/radio/eval"

	"github.com/spf13/cobra"
)

// twoFiles is the check of the arguments: predictions and what they should be.
func twoFiles(predictions, targets string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 2 {
			return usage(cmd, "want %s and %s; found %s", predictions, targets, count(len(args), "argument"))
		}
		return nil
	}
}

// pairs matches two files, or the PNG files of two folders by their names.
func pairs(predictions, targets string) (matched []data.Pair, missing []failure, err error) {
	for _, path := range []string{predictions, targets} {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, err
		}
		if !info.IsDir() {
			return []data.Pair{{Picture: predictions, Target: targets}}, nil, nil
		}
	}
	matched, alone, err := data.Pairs(predictions, targets)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range alone {
		if strings.HasPrefix(path, targets) { // predictions that nobody asked for do not matter
			missing = append(missing, newFailure(path, fmt.Errorf("%s: there is no prediction of this name in %s", path, predictions)))
		}
	}
	return matched, missing, nil
}

// pairsPlan is the output of --plan.
type pairsPlan struct {
	Pairs   int       `json:"pairs"`
	Classes int       `json:"classes,omitempty"` // of masks
	Missing []failure `json:"missing"`           // without a prediction
}

// printPairs prints what would be compared.
func printPairs(cmd *cobra.Command, asJSON bool, matched []data.Pair, missing []failure, n int) error {
	if asJSON {
		return printJSON(cmd, pairsPlan{len(matched), n, append([]failure{}, missing...)})
	}
	line := count(len(matched), "pair")
	if n > 0 {
		line += ", " + classes(n)
	}
	if len(missing) > 0 {
		line += fmt.Sprintf("; %s without a prediction, such as %s", count(len(missing), "file"), shown(missing[0].Path))
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), line)
	return err
}

// skip reports what has no figures.
func skip(cmd *cobra.Command, failures []failure) {
	for _, f := range failures {
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", f.Error)
	}
}

// afterSkips is the error of a run that has skipped something.
func afterSkips(failures []failure, n int) error {
	if len(failures) == 0 {
		return nil
	}
	return failed{fmt.Sprintf("%d of %s failed", len(failures), count(n+len(failures), "image"))}
}

func newEvalMasksCmd() *cobra.Command {
	var classes int
	var values maskFlags
	var asJSON, plan bool
	var names []string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "masks PREDICTED LABELS",
		Short: "Compare predicted masks with labels: mIoU, Dice, pixel accuracy",
		Long: `masks compares masks of classes, such as those that cradio predict writes, with labels. Both
are PNG files with a palette or grey, or folders of them with equal names. Labels of 255 do
not count; with --zero-ignored neither does 0, and class c is c + 1, as in ADE20K. --class-map
gives the classes of values or colours, see cradio train segment --help.

A class that is neither labelled nor predicted is left out of means, one that is predicted
and never labelled counts 0. The interval is that of the mIoU over other images.`,
		Example: `  cradio eval masks predicted/ masks/ --classes 5
  cradio eval masks predicted.png labels.png --names background,circle,square --json`,
		Args: twoFiles("PREDICTED", "LABELS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if names == nil {
				for i := range classes {
					names = append(names, strconv.Itoa(i))
				}
			}
			if len(names) < 1 || len(names) > data.Ignored || cmd.Flags().Changed("classes") && classes != len(names) {
				return usage(cmd, "--classes %d, with %d --names: give the number of classes, 1 to %d, or their names", classes, len(names), data.Ignored)
			}
			if err := values.parse(cmd); err != nil {
				return err
			}
			matched, missing, err := pairs(args[0], args[1])
			if err != nil {
				return err
			}
			if plan {
				return printPairs(cmd, asJSON, matched, missing, len(names))
			}
			var each []*eval.Areas
			for _, p := range matched {
				a, err := maskAreas(p, values.options(len(names)))
				if err != nil {
					missing = append(missing, newFailure(p.Target, err))
					continue
				}
				each = append(each, a)
			}
			skip(cmd, missing)
			r, err := masksOf(each, names, seed)
			if err != nil {
				return afterSkips(missing, 0)
			}
			r.Skipped = append(r.Skipped, missing...)
			if asJSON {
				err = printJSON(cmd, r)
			} else {
				err = r.print(cmd)
			}
			if err != nil {
				return err
			}
			return afterSkips(missing, len(each))
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&classes, "classes", 0, "number of classes")
	flags.StringSliceVar(&names, "names", nil, "names of the classes, from 0")
	values.add(flags, "in LABELS, ")
	flags.BoolVar(&asJSON, "json", false, "print the results as one JSON object")
	flags.BoolVar(&plan, "plan", false, "print what would be compared, and compare nothing")
	flags.Uint64Var(&seed, "seed", 0, "seed of the interval")
	return cmd
}

// maskAreas counts the pixels of two masks.
func maskAreas(p data.Pair, opt data.MaskOptions) (*eval.Areas, error) {
	classes := opt.Classes
	labels, err := data.ReadMask(p.Target, opt)
	if err != nil {
		return nil, err
	}
	predicted, err := data.ReadMask(p.Picture, data.MaskOptions{Classes: classes, H: labels.H, W: labels.W})
	if err != nil {
		return nil, err
	}
	a := eval.NewAreas(classes)
	if err := eval.AddMask(a, predicted.Pix, labels.Pix); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Picture, err)
	}
	return a, nil
}

func newEvalDepthCmd() *cobra.Command {
	var perMetre float64
	var limits eval.Depth
	var asJSON, plan bool
	var seed uint64
	cmd := &cobra.Command{
		Use:   "depth PREDICTED TARGETS",
		Short: "Compare predicted depth maps with measured ones",
		Long: `depth compares depth maps, such as those that cradio predict writes, with measured ones. Both
are grey PNG files with 16 bits, or folders of them with equal names. Pixels of TARGETS that
are 0, or outside --min and --max, do not count. Predictions are clipped to these limits.`,
		Example: `  cradio eval depth predicted/ depth/ --min 0.001 --max 10
  cradio eval depth predicted.png measured.png --per-metre 256 --json`,
		Args: twoFiles("PREDICTED", "TARGETS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(perMetre > 0) || limits.Min < 0 || limits.Max < 0 || limits.Max > 0 && limits.Max <= limits.Min {
				return usage(cmd, "--per-metre %g, --min %g, --max %g: must be positive, and max above min", perMetre, limits.Min, limits.Max)
			}
			matched, missing, err := pairs(args[0], args[1])
			if err != nil {
				return err
			}
			if plan {
				return printPairs(cmd, asJSON, matched, missing, 0)
			}
			skip(cmd, missing)
			r, err := depthOf(len(matched), limits, func(i int, d *eval.Depth) error {
				target, err := data.ReadDepth(matched[i].Target, perMetre, 0, 0)
				if err != nil {
					return err
				}
				predicted, err := data.ReadDepth(matched[i].Picture, perMetre, target.H, target.W)
				if err != nil {
					return err
				}
				if err := d.Add(predicted.Metres, target.Metres, nil); err != nil {
					return fmt.Errorf("%s: %w", matched[i].Picture, err)
				}
				return nil
			}, seed)
			if err != nil {
				return err
			}
			r.Skipped = append(r.Skipped, missing...)
			if asJSON {
				err = printJSON(cmd, r)
			} else {
				err = r.print(cmd)
			}
			if err != nil {
				return err
			}
			return afterSkips(missing, len(matched))
		},
	}
	flags := cmd.Flags()
	flags.Float64Var(&perMetre, "per-metre", data.Millimetres, "how much 1 m is in the files")
	flags.Float64Var(&limits.Min, "min", 0, "metres: targets below do not count")
	flags.Float64Var(&limits.Max, "max", 0, "metres: targets above do not count (default no limit)")
	flags.BoolVar(&asJSON, "json", false, "print the results as one JSON object")
	flags.BoolVar(&plan, "plan", false, "print what would be compared, and compare nothing")
	flags.Uint64Var(&seed, "seed", 0, "seed of the interval")
	return cmd
}
