package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"cradio/radio/data"
	"cradio/radio/eval"

	"github.com/spf13/cobra"
)

// evalProbeFlags are the options of `cradio eval probe`.
type evalProbeFlags struct {
	evalFlags
	views     int
	optimiser string
	rates     []string
	decay     float64
	epochs    int
	step      int // images in a step
	warmup    float64
	raw       bool
}

// The values of --optimiser.
const (
	probeSGD   = "sgd"
	probeAdamW = "adamw"
)

func newEvalProbeCmd() *cobra.Command {
	f := &evalProbeFlags{}
	cmd := &cobra.Command{
		Use:   "probe DATA",
		Short: "Classify images by linear probes on their features",
		Long: `probe trains linear classifiers on the features of the train part, one for each learning
rate and each input, all at once. The one that answers the val part best is reported on the
test part, which had no say in the choice. This is DINOv2's linear evaluation: thirteen
rates from 1e-5 to 0.1 times batch / 256, SGD with momentum 0.9, no decay, and a cosine to
0. --optimiser adamw takes the rates as they are, and --decay.

If there is no val part, a tenth of train takes its place. If there is no test part, the
figures are those of val, which flatters: this is said. A rate that diverges is reported,
and not chosen.

Features are standardised: each has mean 0 and standard deviation 1 in the train part. --raw
leaves them as they are.

--input takes several values here. Each is tried with each rate, and the best is chosen.
DINOv2's four are class:last:1,class:last:1+mean,class:last:4,class:last:4+mean.

Of a STORE with several views of each image, each epoch of the training takes another view;
val and test are answered on whole images.

` + evalHelp,
		Example: `  cradio eval generate shapes && cradio eval probe shapes --model synthetic:nano --size 64
  cradio eval probe flowers/ --model nvidia/C-RADIOv2-B --input summary,mean,both
  cradio eval probe flowers/ --model nvidia/C-RADIOv2-B --input class:last:1,class:last:1+mean,class:last:4,class:last:4+mean
  cradio eval probe flowers/ --optimiser adamw --rates 1e-4,1e-3,1e-2 --epochs 20 --json`,
		Args: oneSet,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, "0.1")
	flags := cmd.Flags()
	flags.StringVar(&f.optimiser, "optimiser", probeSGD, "sgd or adamw")
	flags.StringSliceVar(&f.rates, "rates", nil, "learning rates to try (default 1e-5, 2e-5, 5e-5 … 0.1)")
	flags.Float64Var(&f.decay, "decay", 0, "weight decay of adamw")
	flags.IntVar(&f.views, "views", 0, "of a STORE with several views of each image, train on the first `N` (default all)")
	flags.IntVar(&f.epochs, "epochs", 10, "times that the train part is seen")
	flags.IntVar(&f.step, "train-batch", 1024, "images in a step of the training")
	flags.Float64Var(&f.warmup, "warmup", 0, "epochs in which the rate rises, before it falls")
	flags.BoolVar(&f.raw, "raw", false, "do not standardise the features")
	complete(cmd, "optimiser", probeSGD, probeAdamW)
	return cmd
}

// probeJSON is the part of the report about the probe.
type probeJSON struct {
	Input     string          `json:"input"`
	Rate      number          `json:"rate"`
	Steps     int             `json:"steps"`
	Views     int             `json:"views"` // of each image that was trained on
	Optimiser string          `json:"optimiser"`
	Heads     []probeHeadJSON `json:"heads"`
}

type probeHeadJSON struct {
	Input    string `json:"input"`
	Rate     number `json:"rate"`
	Val      number `json:"val_top1"`
	First    number `json:"first_loss"`
	Last     number `json:"last_loss"`
	Diverged int    `json:"diverged_at_step,omitempty"`
}

// options checks the flags.
func (f *evalProbeFlags) options(cmd *cobra.Command) (opt eval.ProbeOptions, err error) {
	opt = eval.ProbeOptions{AdamW: f.optimiser == probeAdamW, Decay: f.decay, Epochs: f.epochs, Batch: f.step, Warmup: f.warmup, Raw: f.raw, Seed: f.seed}
	for _, text := range f.rates {
		r, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(r > 0) || math.IsInf(r, 1) {
			return opt, usage(cmd, "--rates %s: must be positive numbers", shown(text))
		}
		opt.Rates = append(opt.Rates, r)
	}
	switch {
	case f.optimiser != probeSGD && f.optimiser != probeAdamW:
		return opt, usage(cmd, "--optimiser %s: must be sgd or adamw", shown(f.optimiser))
	case f.decay < 0 || f.decay > 0 && !opt.AdamW:
		return opt, usage(cmd, "--decay %g: must be 0 or more, and goes with --optimiser adamw", f.decay)
	case f.views < 0 || f.views == 0 && cmd.Flags().Changed("views"):
		return opt, usage(cmd, "--views %d: must be at least 1", f.views)
	case f.epochs < 1:
		return opt, usage(cmd, "--epochs %d: must be at least 1", f.epochs)
	case f.step < 1:
		return opt, usage(cmd, "--train-batch %d: must be at least 1", f.step)
	case !(f.warmup >= 0 && f.warmup < float64(f.epochs)):
		return opt, usage(cmd, "--warmup %g: must be 0 or more, and less than the %d of --epochs", f.warmup, f.epochs)
	}
	return opt, nil
}

func (f *evalProbeFlags) run(cmd *cobra.Command, args []string) error {
	opt, err := f.options(cmd)
	if err != nil {
		return err
	}
	e, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer e.close()
	if f.plan {
		return e.printPlan()
	}
	if e.part == data.Test && len(e.set.Part(data.Val)) == 0 {
		return fmt.Errorf("%s: the part val has no images; give a larger --val", shown(e.set.Path))
	}
	if opt.Views, err = e.views(f.views); err != nil {
		return err
	}
	if err := e.encode(); err != nil {
		return err
	}
	return f.answer(e, opt)
}

// answer trains, chooses, and answers the part in question.
func (f *evalProbeFlags) answer(e *evaluation, opt eval.ProbeOptions) error {
	ctx, n := e.cmd.Context(), len(e.set.Classes)
	train, val, query := e.probeRows(data.Train, opt.Views), e.probeRows(data.Val, 1), e.of(e.part)
	opt.Inputs = e.layout.columns()
	p, err := eval.FitProbe(ctx, train, n, opt)
	if err != nil {
		return err
	}
	if e.part != data.Test {
		warn("there is no test part: the rate was chosen on the images that the figures are of, which flatters")
	}
	best, accuracies, err := p.Choose(ctx, val, eval.Options{})
	if err != nil {
		return err
	}
	scores, err := p.Scores(ctx, string(e.part), query.Rows(), best, eval.Options{})
	if err != nil {
		return err
	}
	ranks, err := eval.Ranks(scores, n, query.Labels)
	if err != nil {
		return err
	}
	answers := make([]int, len(ranks))
	for i := range answers {
		row := scores[i*n:][:n]
		answers[i] = slices.Index(row, slices.Max(row))
	}
	r, c, err := e.report(query, answers, ranks)
	if err != nil {
		return err
	}
	h := p.Heads[best]
	r.Input, r.Width = h.Input.Name, h.Input.To-h.Input.From
	r.Probe = &probeJSON{Input: h.Input.Name, Rate: number(h.Rate), Steps: p.Steps, Views: opt.Views, Optimiser: f.optimiser}
	for i, h := range p.Heads {
		r.Probe.Heads = append(r.Probe.Heads, probeHeadJSON{h.Input.Name, number(h.Rate), number(accuracies[i]), number(h.First), number(h.Last), h.Diverged})
	}
	tellDiverged(p)
	return e.finish(r, c, []string{fmt.Sprintf("rate         %g of %s, best of %d on val (%s)", h.Rate, h.Input.Name, len(p.Heads), percent(number(accuracies[best])))})
}

// tellDiverged warns of rates that have diverged.
func tellDiverged(p *eval.Probe) {
	least, n := 0.0, 0
	for _, h := range p.Heads {
		if h.Diverged > 0 {
			n++
			if least == 0 || h.Rate < least {
				least = h.Rate
			}
		}
	}
	if n > 0 {
		warn("%d of %d probes diverged, from rate %g on: they are left out; smaller --rates, or more --warmup, keep them", n, len(p.Heads), least)
	}
}
