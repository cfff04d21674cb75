package main

import (
	"cmp"
	"os"
	"strconv"
	"time"

	"cradio/radio"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/spf13/cobra"
)

// trainFlags are the options that the commands below train share.
type trainFlags struct {
	model    modelFlags
	size     sizeFlag
	out      string
	val      string
	columns  columnsFlag // of trainClassify
	views    int
	seed     uint64
	head     headFlags
	epochs   float64
	batch    int
	blocks   string
	lora     loraFlags
	dropPath float64
	again    bool

	optim optimFlags
	loss  lossFlags

	crop   float64
	flip   bool
	colour float64
	orient bool
	drop   bool // transparency
	fast   bool

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
	losses []train.LossKind // that the command has, the usual one first
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
	f.optim.add(cmd)
	f.loss.add(cmd, d.losses...)
	flags.Float64Var(&f.crop, "crop", 1, "smallest part of an image's area that a random crop takes")
	flags.BoolVar(&f.flip, "flip", false, "flip half of the images left to right, at random")
	flags.Float64Var(&f.colour, "colour", 0, "strength of random brightness, contrast and saturation, such as 0.4")
	flags.BoolVar(&f.orient, "orient", false, orientHelp)
	flags.BoolVar(&f.drop, "drop-alpha", false, "ignore transparency, instead of compositing images on white")
	flags.BoolVar(&f.fast, "fast-decode", false, fastHelp)
	flags.DurationVar(&f.every, "every", 5*time.Minute, "time between checkpoints")
	flags.IntVar(&f.steps, "every-steps", 0, "steps between checkpoints, beside --every (default none)")
	flags.BoolVar(&f.resume, "resume", false, "go on with the run in --out")
	flags.BoolVar(&f.plan, "plan", false, "print what would be done, and its memory")
	flags.BoolVar(&f.json, "json", false, "print the results as one JSON object")
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
	case sameFolder(f.out, args[0]):
		return usage(cmd, "--out %s: is DATA itself: give a folder of its own", shown(f.out))
	case f.steps < 0 || f.every <= 0:
		return usage(cmd, "--every %v, --every-steps %d: must be positive", f.every, f.steps)
	case !(f.crop > 0 && f.crop <= 1):
		return usage(cmd, "--crop %g: must be above 0 and at most 1", f.crop)
	case !(f.colour >= 0 && f.colour <= 1):
		return usage(cmd, "--colour %g: must be 0 to 1", f.colour)
	case f.views < 0 || f.views == 0 && cmd.Flags().Changed("views"):
		return usage(cmd, "--views %d: must be at least 1", f.views)
	}
	return cmp.Or(f.optim.check(cmd), f.lora.check(cmd), f.head.check(cmd))
}

// sameFolder reports whether two paths are of one folder that is there.
func sameFolder(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
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
func (f *trainFlags) recipe(cmd *cobra.Command, m *radio.Model, store *features.Store) (r train.Recipe, err error) {
	h, w, err := f.size.of(m)
	if err != nil {
		return r, err
	}
	r.Size = [2]int{h, w}
	f.pictures(cmd, &r, store)
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

// pictures says how pictures are prepared: as the flags say, or else as those of the store were.
func (f *trainFlags) pictures(cmd *cobra.Command, r *train.Recipe, store *features.Store) {
	r.Orient, r.DropAlpha, r.FastDecode = f.orient, f.drop, f.fast
	if store == nil {
		return
	}
	given := cmd.Flags().Changed
	if !given("orient") {
		r.Orient = store.Recipe.Oriented()
	}
	if !given("drop-alpha") {
		r.DropAlpha = store.Recipe.AlphaDropped()
	}
	if !given("fast-decode") {
		r.FastDecode = store.Recipe.FastDecoded()
	}
}

// options are those of the run. samples is the size of the training part.
func (f *trainFlags) options(cmd *cobra.Command, r train.Recipe, samples int) train.Options {
	o := train.Options{Epochs: f.epochs, Batch: f.batch, Seed: f.seed}
	if !cmd.Flags().Changed("batch") {
		o.Batch = min(f.batch, samples)
	}
	epoch := float64(max(1, samples/max(1, o.Batch))) / float64(max(1, f.optim.accumulate))
	o.Optim = f.optim.options(cmd, r.Blocks != 0 || r.LoRA != nil, r.Blocks != 0, f.epochs, epoch)
	return o
}
