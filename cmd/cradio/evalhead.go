package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/eval"
	"cradio/radio/head"

	"github.com/spf13/cobra"
)

// evalHeadFlags are the options of `cradio eval head`, beside those of predict.
type evalHeadFlags struct {
	predictFlags
	where   pairFlags
	columns columnsFlag
	values  maskFlags
	limits  eval.Depth
	part    string
	seed    uint64
	plan    bool
}

func newEvalHeadCmd() *cobra.Command {
	f := &evalHeadFlags{predictFlags: predictFlags{top: 1}}
	cmd := &cobra.Command{
		Use:   "head HEAD DATA",
		Short: "Measure a trained head on labelled images, masks or depth maps",
		Long: `head answers labelled images with a head that cradio train has made, as cradio predict does,
and compares the answers with the labels.

HEAD is the folder of a run, or of its head; or digits. Give the --model that the head was
trained on, unless it is in the run.

  classes   DATA is a folder for each class, or a list: see cradio eval knn --help. Figures:
            top-1 with its 95 % interval, top-5, recalls; of several labels an image, the
            mean average precision with its interval, F1 at a score of 0.5
  masks     DATA has images and masks: see cradio train segment --help. Figures: mIoU with
            its interval, pixel accuracy, Dice
  depths    DATA has images and depth maps: see cradio train depth --help. Figures: abs rel
            with its interval, RMSE, SILog, the shares within 1.25

The part test is answered if there is one, else val, else all; --part chooses.

Masks and depths are predicted of the whole image, or with --window N in windows of N pixels
every --stride. --json prints all numbers as one JSON object. --plan only lists what would be
answered.`,
		Example: `  cradio eval generate shapes && cradio train classify shapes --model synthetic:nano --size 64 --out run && cradio eval head run shapes --model synthetic:nano
  cradio eval head run scenes/ --model nvidia/C-RADIOv2-B --window 512 --stride 341 --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(cmd, "want a HEAD and DATA; found %s", count(len(args), "argument"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.addTo(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print the results as one JSON object")
	f.where.add(cmd, "target", "targets", nil)
	f.values.add(flags, "in masks, ")
	flags.Float64Var(&f.limits.Min, "min", 0, "metres: depths below do not count")
	flags.Float64Var(&f.limits.Max, "max", 0, "metres: depths above do not count (default no limit)")
	f.columns.add(flags)
	flags.StringVar(&f.part, "part", "", "part to answer: train, val, test or all")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of the interval")
	flags.BoolVar(&f.plan, "plan", false, "print what would be answered")
	complete(cmd, "part", string(data.Train), string(data.Val), string(data.Test), "all")
	return cmd
}

func (f *evalHeadFlags) run(cmd *cobra.Command, args []string) (err error) {
	if err := f.check(cmd); err != nil {
		return err
	}
	if err := f.values.parse(cmd); err != nil {
		return err
	}
	if f.limits.Min < 0 || f.limits.Max < 0 || f.limits.Max > 0 && f.limits.Max <= f.limits.Min {
		return usage(cmd, "--min %g, --max %g: must be positive, and max above min", f.limits.Min, f.limits.Max)
	}
	if f.part != "" && f.part != "all" && !slices.Contains(data.Parts(), data.Part(f.part)) {
		return usage(cmd, "--part %s: must be train, val, test or all", shown(f.part))
	}
	p := &prediction{predictFlags: &f.predictFlags, cmd: cmd}
	m, err := p.open(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := p.encoder(m); err != nil {
		return err
	}
	spec := p.head.Spec()
	if !spec.Kind.Dense() {
		return f.classes(p, args[1])
	}
	matched, err := f.pairs(p, args[1])
	if err != nil {
		return err
	}
	skip(cmd, p.failures)
	if f.plan {
		return f.printPlan(p, len(matched))
	}
	if spec.Kind == head.Depth {
		return f.depths(p, matched)
	}
	return f.masks(p, matched)
}

// pairs are the images of the part that is answered, with their masks or depth maps.
func (f *evalHeadFlags) pairs(p *prediction, path string) (matched []data.Pair, err error) {
	if err := f.columns.none(p.cmd, path); err != nil {
		return nil, err
	}
	target := "mask"
	f.where.Usual = data.UsualMasks()
	if p.head.Spec().Kind == head.Depth {
		target, f.where.Usual = "depth map", data.UsualDepths()
	}
	d, alone, err := f.where.open(p.cmd, path)
	if errors.Is(err, data.ErrNoFolders) {
		return nil, fmt.Errorf("%w: the head answers with a %s for each image", err, target)
	}
	if err != nil {
		return nil, err
	}
	for _, path := range alone {
		p.failures = append(p.failures, newFailure(path, fmt.Errorf("%s: has no partner: an image and its target have one name", path)))
	}
	items, err := f.answered(d)
	for _, item := range items {
		matched = append(matched, data.Pair{Picture: item.Path, Target: item.Target})
	}
	return matched, err
}

// answered are the items of the part that is answered. It says where a head may have learned from them.
func (f *evalHeadFlags) answered(d *data.Dataset) (items []data.Item, err error) {
	part := data.Part(f.part)
	for _, other := range []data.Part{data.Test, data.Val} {
		if part == "" && len(d.Part(other)) > 0 {
			part = other
		}
	}
	for _, item := range d.Items {
		if part == "" || part == "all" || item.Part == part {
			items = append(items, item)
		}
	}
	switch {
	case len(items) == 0:
		return nil, fmt.Errorf("%s: has no images of %s; give another --part", shown(d.Path), part)
	case f.part == "" && part == "":
		say("%s has no part test or val: all %s are answered, also those that a head has learned from", shown(d.Path), count(len(items), "image"))
	}
	return items, nil
}

// printPlan says what would be answered.
func (f *evalHeadFlags) printPlan(p *prediction, n int) error {
	if f.json {
		return printJSON(p.cmd, map[string]any{"head": p.head.String(), "images": n})
	}
	_, err := fmt.Fprintf(p.cmd.OutOrStdout(), "%s: %s\n", p.head, count(n, "image"))
	return err
}

// finish prints a report, and fails if something was skipped.
func (f *evalHeadFlags) finish(p *prediction, report interface{ print(*cobra.Command) error }, n int) error {
	var err error
	if f.json {
		err = printJSON(p.cmd, report)
	} else {
		err = report.print(p.cmd)
	}
	if err != nil {
		return err
	}
	return afterSkips(p.failures, n)
}

// predicted is the map of an image, of the size of its target.
func (f *evalHeadFlags) predicted(p *prediction, path string, h, w int) (eval.Map, error) {
	_, m, err := p.mapOf(path)
	if err == nil && (m.H != h || m.W != w) {
		err = fmt.Errorf("%s: has %d x %d pixels, its target %d x %d: must be equal", path, m.H, m.W, h, w)
	}
	return m, err
}

// masks compares masks.
func (f *evalHeadFlags) masks(p *prediction, matched []data.Pair) error {
	spec := p.head.Spec()
	names := make([]string, spec.Outputs)
	for i := range names {
		names[i] = spec.Label(i)
	}
	var each []*eval.Areas
	for _, pair := range matched {
		a, err := f.areas(p, pair, len(names))
		if p.cmd.Context().Err() != nil {
			return p.cmd.Context().Err()
		}
		if err != nil {
			p.failures = append(p.failures, newFailure(pair.Picture, err))
			skip(p.cmd, p.failures[len(p.failures)-1:])
			continue
		}
		each = append(each, a)
	}
	if len(each) == 0 {
		return afterSkips(p.failures, 0)
	}
	r, err := masksOf(each, names, f.seed)
	if err != nil {
		return err
	}
	r.Skipped = append(r.Skipped, p.failures...)
	return f.finish(p, r, len(each))
}

func (f *evalHeadFlags) areas(p *prediction, pair data.Pair, classes int) (*eval.Areas, error) {
	labels, err := data.ReadMask(pair.Target, f.values.options(classes))
	if err != nil {
		return nil, err
	}
	m, err := f.predicted(p, pair.Picture, labels.H, labels.W)
	if err != nil {
		return nil, err
	}
	wanted := make([]int, len(labels.Pix))
	for i, v := range labels.Pix {
		wanted[i] = int(v)
	}
	a := eval.NewAreas(classes)
	return a, eval.AddMask(a, m.Classes(), wanted)
}

// depths compares depth maps.
func (f *evalHeadFlags) depths(p *prediction, matched []data.Pair) error {
	r, err := depthOf(len(matched), f.limits, func(i int, d *eval.Depth) error {
		target, err := data.ReadDepth(matched[i].Target, f.perMetre, 0, 0)
		if err != nil {
			return err
		}
		m, err := f.predicted(p, matched[i].Picture, target.H, target.W)
		if err != nil {
			return err
		}
		if err := d.Add(m.Values, target.Metres, nil); err != nil {
			return fmt.Errorf("%s: %w", matched[i].Picture, err)
		}
		return nil
	}, f.seed)
	if err != nil {
		return err
	}
	r.Skipped = append(r.Skipped, p.failures...)
	return f.finish(p, r, len(matched))
}

// labelled opens the set, and gives the classes of its items by the numbers of the head.
func (f *evalHeadFlags) labelled(p *prediction, path string) (items []data.Item, err error) {
	d, err := f.columns.open(p.cmd, path)
	if err != nil {
		return nil, err
	}
	if err := d.Read(p.cmd.Context(), nil); err != nil {
		return nil, err
	}
	for _, s := range d.Skipped {
		p.failures = append(p.failures, newFailure(s.Path, s.Err))
	}
	skip(p.cmd, p.failures)
	spec := p.head.Spec()
	if d.MultiLabel && !spec.MultiLabel {
		return nil, fmt.Errorf("%s: has several labels an image, and %s answers with one class; give a column label", shown(path), p.head)
	}
	numbers := make([]int, len(d.Classes))
	for i, name := range d.Classes {
		for numbers[i] = 0; numbers[i] < spec.Outputs && spec.Label(numbers[i]) != name; numbers[i]++ {
		}
		if numbers[i] == spec.Outputs {
			return nil, fmt.Errorf("%s: class %s is none of %s, which knows %s", shown(path), shown(name), p.head, known(&spec))
		}
	}
	if items, err = f.answered(d); err != nil {
		return nil, err
	}
	for i := range items {
		item := &items[i]
		item.Labels, item.Unknown = renumbered(item.Labels, numbers), renumbered(item.Unknown, numbers)
	}
	return items, nil
}

// renumbered are classes by other numbers.
func renumbered(classes, numbers []int) []int {
	out := make([]int, len(classes))
	for i, c := range classes {
		out[i] = numbers[c]
	}
	return out
}

// known lists the classes of a head, or some of them.
func known(spec *head.Spec) string {
	var names []string
	for i := range min(spec.Outputs, 10) {
		names = append(names, shown(spec.Label(i)))
	}
	if spec.Outputs > 10 {
		names = append(names, fmt.Sprintf("… %d in all", spec.Outputs))
	}
	return strings.Join(names, ", ")
}

// classes compares classes.
func (f *evalHeadFlags) classes(p *prediction, path string) error {
	items, err := f.labelled(p, path)
	if err != nil {
		return err
	}
	if f.plan {
		return f.printPlan(p, len(items))
	}
	inputs := make([]radio.Input, len(items))
	for i, item := range items {
		inputs[i] = input(p.cmd, p.enc, item.Path)
	}
	spec := p.head.Spec()
	r := &headReport{Head: p.head.String(), Data: path, Skipped: []failure{}}
	var scores []float64
	var labels, unknown [][]int
	bar := newProgress(p.cmd.ErrOrStderr(), len(inputs), true)
	err = p.enc.Stream(p.cmd.Context(), inputs, func(res radio.Result) error {
		defer bar.step()
		if res.Err != nil {
			p.fail(bar, res.Name, res.Err)
			return nil
		}
		for _, v := range radio.Values[float32](res.Heads[0].Values) {
			scores = append(scores, float64(v))
		}
		item := &items[res.Index]
		labels, unknown = append(labels, item.Labels), append(unknown, item.Unknown)
		return nil
	})
	bar.stop()
	if err != nil {
		return err
	}
	if len(labels) == 0 {
		return afterSkips(p.failures, 0)
	}
	if spec.MultiLabel {
		err = r.several(&spec, scores, labels, unknown, f.seed)
	} else {
		err = r.single(&spec, scores, labels, f.seed)
	}
	if err != nil {
		return err
	}
	r.Skipped = append(r.Skipped, p.failures...)
	return f.finish(p, r, len(labels))
}
