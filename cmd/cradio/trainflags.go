package main

import (
	"cmp"
	"strconv"
	"time"

	"cradio/radio"
	"cradio/radio/head"
	"cradio/radio/optim"
	"cradio/radio/train"

	"github.com/spf13/cobra"
)

// trainFlags are the options that the commands below train share.
type trainFlags struct {
	model    modelFlags
	size     sizeFlag
	out      string
	val      string
	views    int
	seed     uint64
	head     headFlags
	epochs   float64
	batch    int
	blocks   string
	lora     loraFlags
	dropPath float64
	again    bool

	optimizer  string
	rate       float64
	decay      float64
	momentum   float64
	schedule   string
	warmup     float64
	clip       float64
	ema        float64
	accumulate int
	layerDecay float64
	headFactor float64

	crop   float64
	flip   bool
	colour float64

	every  time.Duration
	steps  int // between checkpoints
	resume bool
	plan   bool
	json   bool
}

// standard are the defaults of a command.
type standard struct {
	kind   head.Kind
	kinds  []head.Kind
	input  string
	hidden string // help of --hidden; empty: no head of the command has one
	epochs float64
	batch  int
}

func (f *trainFlags) add(cmd *cobra.Command, d standard) {
	f.model.add(cmd)
	f.size.add(cmd, "size of images: N or HxW (default the model's preferred one)")
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "folder `DIR` to write, see above")
	flags.StringVar(&f.val, "val", "0.1", "validation part: a `SHARE` of the images, unless DATA has one")
	flags.IntVar(&f.views, "views", 0, "of a STORE with several views of each image, train on the first `N` (default all)")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of all that is random")
	f.head.add(cmd, d)
	flags.Float64Var(&f.epochs, "epochs", d.epochs, "times that each image is seen")
	flags.IntVarP(&f.batch, "batch", "b", d.batch, "images of a batch; at most those of the training part")
	flags.StringVar(&f.blocks, "blocks", "0", "last blocks of the model to train: `N` or all")
	f.lora.add(cmd)
	flags.Float64Var(&f.dropPath, "drop-path", 0, "probability of dropping a branch of the last block (stochastic depth)")
	flags.BoolVar(&f.again, "recompute", false, "keep fewer activations of trained blocks, and compute them again: less memory, more time")
	flags.StringVar(&f.optimizer, "optimizer", string(optim.AdamW), "adamw, adam or sgd")
	flags.Float64Var(&f.rate, "rate", 0, "learning rate (default 0.001; 0.0001 if the model is trained)")
	flags.Float64Var(&f.decay, "decay", 0, "weight decay (default 0; 0.05 if the model is trained)")
	flags.Float64Var(&f.momentum, "momentum", 0.9, "momentum of sgd")
	flags.StringVar(&f.schedule, "schedule", string(optim.Cosine), "how the rate changes: constant, cosine, linear, poly, one-cycle")
	flags.Float64Var(&f.warmup, "warmup", 0.05, "part of the steps in which the rate rises")
	flags.Float64Var(&f.clip, "clip", 0, "norm to which gradients are clipped (default none; 1 if the model is trained)")
	flags.Float64Var(&f.ema, "ema", 0, "running mean of the weights, such as 0.999")
	flags.IntVar(&f.accumulate, "accumulate", 1, "batches whose gradients are added up for a step")
	flags.Float64Var(&f.layerDecay, "layer-decay", 0, "factor of the rate for each block below the head (default 1; 0.75 with --blocks)")
	flags.Float64Var(&f.headFactor, "head-rate", 0, "factor of the head's rate (default 1; 10 if the model is trained)")
	flags.Float64Var(&f.crop, "crop", 1, "smallest part of an image's area that a random crop takes")
	flags.BoolVar(&f.flip, "flip", false, "flip half of the images left to right, at random")
	flags.Float64Var(&f.colour, "colour", 0, "strength of random brightness, contrast and saturation, such as 0.4")
	flags.DurationVar(&f.every, "every", 5*time.Minute, "time between checkpoints")
	flags.IntVar(&f.steps, "every-steps", 0, "steps between checkpoints, beside --every (default none)")
	flags.BoolVar(&f.resume, "resume", false, "go on with the run in --out")
	flags.BoolVar(&f.plan, "plan", false, "print what would be done, and its memory")
	flags.BoolVar(&f.json, "json", false, "print the results as one JSON object")
	complete(cmd, "optimizer", string(optim.AdamW), string(optim.Adam), string(optim.SGD))
	complete(cmd, "schedule", string(optim.Constant), string(optim.Cosine), string(optim.Linear), string(optim.Poly), string(optim.OneCycle))
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
}

// check returns an error for flags that cannot be combined.
func (f *trainFlags) check(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) != 1:
		return usage(cmd, "want one DATA; found %s", count(len(args), "argument"))
	case f.out == "" && !f.plan:
		return usage(cmd, "--out is missing: give the folder to write")
	case f.steps < 0 || f.every <= 0:
		return usage(cmd, "--every %v, --every-steps %d: must be positive", f.every, f.steps)
	case f.warmup < 0 || f.warmup >= 1:
		return usage(cmd, "--warmup %g: must be at least 0 and below 1", f.warmup)
	case !(f.crop > 0 && f.crop <= 1):
		return usage(cmd, "--crop %g: must be above 0 and at most 1", f.crop)
	case f.views < 0 || f.views == 0 && cmd.Flags().Changed("views"):
		return usage(cmd, "--views %d: must be at least 1", f.views)
	case f.optimizer != string(optim.SGD) && cmd.Flags().Changed("momentum"):
		return usage(cmd, "--momentum is of --optimizer sgd")
	}
	return cmp.Or(f.lora.check(cmd), f.head.check(cmd))
}

// trained is how many of the last blocks are trained.
func (f *trainFlags) trained(cmd *cobra.Command) (int, error) {
	if f.blocks == "all" {
		return train.AllBlocks, nil
	}
	n, err := strconv.Atoi(f.blocks)
	if err != nil || n < 0 {
		return 0, usage(cmd, "--blocks %s: must be a number of blocks, or all", shown(f.blocks))
	}
	return n, nil
}

// recipe is what the flags ask for, for a model.
func (f *trainFlags) recipe(cmd *cobra.Command, m *radio.Model) (r train.Recipe, err error) {
	h, w, err := f.size.of(m)
	if err != nil {
		return r, err
	}
	r.Size = [2]int{h, w}
	if r.Blocks, err = f.trained(cmd); err != nil {
		return r, err
	}
	r.LoRA = f.lora.adapters()
	r.DropPath, r.Recompute = f.dropPath, f.again
	if f.crop < 1 {
		r.Augment.Scale = [2]float64{f.crop, 1}
	}
	if f.flip {
		r.Augment.Flip = 0.5
	}
	r.Augment.Brightness, r.Augment.Contrast, r.Augment.Saturation = f.colour, f.colour, f.colour
	r.Head, err = f.head.spec(cmd, m.Config())
	return r, err
}

// options are those of the run. samples is the size of the training part.
func (f *trainFlags) options(cmd *cobra.Command, r train.Recipe, samples int) train.Options {
	changed := cmd.Flags().Changed
	trains := r.Blocks != 0 || r.LoRA != nil
	pick := func(name string, given, frozen, trained float64) float64 {
		switch {
		case changed(name):
			return given
		case trains:
			return trained
		}
		return frozen
	}
	o := train.Options{Epochs: f.epochs, Batch: f.batch, Seed: f.seed}
	if !changed("batch") {
		o.Batch = min(f.batch, samples)
	}
	layers := 0.0
	if r.Blocks != 0 {
		layers = 0.75
	}
	o.Optim = optim.Options{
		Kind: optim.Kind(f.optimizer), Rate: pick("rate", f.rate, 1e-3, 1e-4), Decay: pick("decay", f.decay, 0, 0.05),
		Clip: pick("clip", f.clip, 0, 1), EMA: f.ema, Accumulate: f.accumulate,
		LayerDecay: pick("layer-decay", f.layerDecay, 0, layers), HeadFactor: pick("head-rate", f.headFactor, 0, 10),
	}
	if o.Optim.Kind == optim.SGD {
		o.Optim.Momentum = f.momentum
	}
	steps := f.epochs * float64(max(1, samples/max(1, o.Batch))) / float64(max(1, f.accumulate))
	o.Optim.Schedule = optim.Schedule{Curve: optim.Curve(f.schedule)}
	if o.Optim.Schedule.Curve != optim.OneCycle {
		o.Optim.Schedule.Warmup = int(f.warmup * steps)
	}
	return o
}
