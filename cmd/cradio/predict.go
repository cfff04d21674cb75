package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cradio/radio"
	"cradio/radio/digits"
	"cradio/radio/eval"
	"cradio/radio/head"
	"cradio/radio/image"
	"cradio/radio/train"

	"github.com/spf13/cobra"
)

// predictFlags are the options of `cradio predict`.
type predictFlags struct {
	model     modelFlags
	adapter   string
	out       string
	top       int
	json      bool
	batch     int
	alpha     alphaFlag
	maxPixels int64
	slide     eval.Slide
	perMetre  float64
	plan      bool
}

func newPredictCmd() *cobra.Command {
	f := &predictFlags{}
	cmd := &cobra.Command{
		Use:   "predict HEAD IMAGE...",
		Short: "Answer images with a trained head: classes, masks or depths",
		Long: `predict answers images with a head that cradio train has made.

HEAD is the folder of a run, or of its head; or digits, a model that reads handwritten
digits and is part of the program. Images are prepared as in training: resized, turned, and
their transparency dropped or on white.

The model is the one in the run, if it was trained there; else give --model. It must be the
one that the head was trained on.

  classes   a line for each image: its path, the class, the score. With --out FILE.jsonl or
            FILE.csv, or with --json, all scores
  masks     --out DIR gets NAME.png with a palette, and NAME-overlay.png. There a class 0
            is not tinted if it is called background, or if classes have numbers alone
  depths    --out DIR gets NAME.png with 16 bits, --per-metre to 1 m

Masks and depths are predicted of the whole image, or with --window N in windows of N pixels
every --stride. Where windows overlap, the mean counts.`,
		Example: `  cradio predict digits 7.png
  cradio predict run photos/ --model nvidia/C-RADIOv2-B --out classes.csv
  cradio predict run street.jpg --model nvidia/C-RADIOv2-B --out masks --window 512 --stride 341`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage(cmd, "want a HEAD and one IMAGE or more; found %s", count(len(args), "argument"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.addTo(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "FILE.jsonl or FILE.csv for classes, folder `DIR` for masks and depths")
	flags.IntVar(&f.top, "top", 1, "classes to print for each image")
	flags.BoolVar(&f.json, "json", false, "print one JSON line for each image")
	flags.BoolVar(&f.plan, "plan", false, "print what would be computed and how much memory it takes; open no image")
	return cmd
}

// addTo adds the options that predict and eval head share.
func (f *predictFlags) addTo(cmd *cobra.Command) {
	f.model.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.adapter, "adapter-dir", "", "folder `DIR` of the LoRA adapter (default that of the run)")
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (classes)")
	f.alpha.addTrained(cmd)
	flags.Int64Var(&f.maxPixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
	flags.IntVar(&f.slide.Window, "window", 0, "windows of so many pixels (default the whole image)")
	flags.IntVar(&f.slide.Stride, "stride", 0, "pixels from one window to the next (default 2/3 of --window)")
	flags.Float64Var(&f.perMetre, "per-metre", 1000, "how much 1 m is in a depth map")
}

// prediction is one run of `cradio predict`.
type prediction struct {
	*predictFlags
	cmd      *cobra.Command
	head     *head.Head
	enc      *radio.Encoder
	names    []string
	failures []failure
	total    int
}

func (f *predictFlags) run(cmd *cobra.Command, args []string) (err error) {
	if err := f.check(cmd); err != nil {
		return err
	}
	in, err := gather(cmd, args[1:])
	if err != nil {
		return err
	}
	p := &prediction{predictFlags: f, cmd: cmd, names: in.names, failures: in.failures, total: in.count()}
	m, err := p.open(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := p.encoder(m); err != nil {
		return err
	}
	switch {
	case f.plan:
		return p.printPlan(m)
	case p.head.Spec().Kind.Dense():
		err = p.maps()
	default:
		err = p.classes()
	}
	if err == nil && len(p.failures) > 0 {
		return failed{fmt.Sprintf("%d of %s failed", len(p.failures), count(p.total, "image"))}
	}
	return err
}

func (f *predictFlags) check(cmd *cobra.Command) error {
	if f.slide.Window > 0 && f.slide.Stride == 0 {
		f.slide.Stride = max(1, f.slide.Window*2/3)
	}
	if err := f.slide.Check(); err != nil {
		return usage(cmd, "--window and --stride: %v", err)
	}
	switch {
	case f.top < 1:
		return usage(cmd, "--top %d: must be at least 1", f.top)
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.maxPixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.maxPixels)
	case !(f.perMetre > 0):
		return usage(cmd, "--per-metre %g: must be positive", f.perMetre)
	}
	return f.alpha.check(cmd)
}

// open opens the head, and the model that it was trained on.
func (p *prediction) open(name string) (*radio.Model, error) {
	if name == digits.Name {
		if p.cmd.Flags().Changed("model") {
			return nil, usage(p.cmd, "--model: digits has a model of its own; leave the flag out")
		}
		opt, err := p.model.options(p.cmd)
		if err != nil {
			return nil, err
		}
		m, h, err := digits.Open(p.cmd.Context(), opt)
		p.head = h
		return m, err
	}
	dir := name
	if _, err := os.Stat(filepath.Join(dir, head.DescriptionFile)); err != nil {
		if inside := filepath.Join(dir, train.HeadFolder); exists(filepath.Join(inside, head.DescriptionFile)) {
			dir = inside
		}
	}
	var err error
	if p.head, err = head.Load(dir); err != nil {
		return nil, err
	}
	run := filepath.Dir(filepath.Clean(dir))
	if changed := filepath.Join(run, train.ModelFolder); !p.cmd.Flags().Changed("model") && exists(filepath.Join(changed, "config.json")) {
		p.model.name = changed
	} else if !p.cmd.Flags().Changed("model") {
		if b := p.head.Spec().Backbone; b != nil {
			return nil, usage(p.cmd, "--model is missing: the head was trained on %s; give --model %s", shown(b.Name), shown(b.Name))
		}
	}
	if adapter := filepath.Join(run, train.AdapterFolder); p.adapter == "" && exists(adapter) {
		p.adapter = adapter
	}
	p.model.adapter = p.adapter
	m, err := p.model.open(p.cmd)
	if err != nil {
		return nil, err
	}
	if err := p.head.CheckModel(p.cmd.Context(), m); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// encoder prepares images as in training.
func (p *prediction) encoder(m *radio.Model) error {
	p.enc = radio.NewEncoder(m)
	p.enc.BatchSize, p.enc.Decode = p.batch, image.DecodeOptions{MaxPixels: p.maxPixels}
	p.enc.Request = radio.Request{NoFeatures: true, Heads: []radio.Head{p.head}}
	if err := p.head.Prepare(p.enc); err != nil {
		return err
	}
	if p.cmd.Flags().Changed("alpha") {
		p.alpha.apply(p.enc.Processor)
	}
	if p.slide.Window > 0 { // windows are cut out of the full size
		p.enc.FastDecode = false
	}
	return nil
}

// fail reports an image that has no answer.
func (p *prediction) fail(bar *progress, name string, err error) {
	fail := newFailure(name, err)
	bar.printf("cradio: skipped: %s\n", fail.Error)
	p.failures = append(p.failures, fail)
}

// isList says whether --out is a file of answers.
func (p *prediction) isList() bool {
	ext := strings.ToLower(filepath.Ext(p.out))
	return ext == ".jsonl" || ext == ".csv"
}
