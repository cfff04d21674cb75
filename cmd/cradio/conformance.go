package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"cradio/conformance"
	"cradio/graph"
	"cradio/radio"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// conformanceFlags are the options of `cradio conformance`.
type conformanceFlags struct {
	bundles, references, dtype, device, machine, filter, model string
	threads, worst                                             int
	full, json                                                 bool
}

func newConformanceCmd() *cobra.Command {
	f := &conformanceFlags{}
	cmd := &cobra.Command{
		Use:   "conformance",
		Short: "Compare the model with PyTorch, tensor by tensor",
		Long: `conformance compares the model with PyTorch, tensor by tensor.

It runs bundles. A bundle is a safetensors file that holds the pixels of images and the
expected tensors, computed in float64: tensors between the layers, outputs (compared with
and without fused operations), gradients, intermediate features and ViTDet windows. Other
bundles hold decoded images. conformance also opens checkpoints in every supported layout,
and prints their layout:

  Hugging Face hub   one file, shards, half precision, or the vision tower of a
                     vision-language model
  torch hub          .pth.tar files, with averaged weights, or weights under spectral
                     reparametrisation
  transformers       RadioModel

LIMITS

For each tensor, the table shows our root-mean-square error, PyTorch's error, and their
ratio. The largest ratio comes first. Both errors are distances from the float64 tensor.
PyTorch's error was measured in float32 when the bundle was made. The limits are 1.25 for
each ratio, and 1 for the geometric mean of all ratios.

Small models run twice. The column "fast path" shows the ratio without operations in
float64, as in large models; its limit is 3 for tensors of fewer than 8 tokens.

The sign ≈ marks an estimate, where PyTorch's error was not recorded. Its limit is 2, and
it does not count in the mean. The loss of a gradient bundle has no limit.

--dtype sets the precision, and what it is compared with:

  float32, float64   PyTorch in float32
  bfloat16           PyTorch with bfloat16 autocast, with the same limits. No gradients
  tf32               an eighth of PyTorch's errors with bfloat16 autocast, an estimate (≈).
                     GPUs alone
  int8               ONNX Runtime's dynamic int8, with a limit of 1 for each ratio. Only
                     summary and features, of the bundles whose manifest has its error

BUNDLES

The default is the project's own bundles: conformance/ in this folder or a folder above it.
conformance/reference/make.py makes more, with any seed and size.
conformance/reference/from_upstream.py makes them from the original model and a checkpoint;
run them with --model. See conformance/README.md.

TRAINING

The references in train/ are heads, losses, operations and optimisers: forward passes,
gradients and the state after a step. Each case runs as users run it, on the fast path, and
without fusion. The limits are those above; a single number, such as a loss, may also be off by
4·2⁻²⁴ of itself, and what is zero in exact arithmetic may be 4 times PyTorch's largest. On the
fast path and without fusion, tensors of at most 1,024 values may exceed the limit by what chance
gives; conformance/train/README.md says how much. conformance/reference/train/make_train.py
makes them with other numbers: give its folder with --references.

TEXT

The references in text/ are text towers, small and in full size, checkpoints in the layouts of
open_clip and transformers, zero-shot scores, and the tokens of 2,944 texts. Small towers run
in the three ways of training; the limits are the same. A score may be off by 1e-6, and every
token must be equal. Towers run in float32 and bfloat16; --full adds the largest.

GPUS

--device cuda compares what a GPU computes. --device cuda:all runs everything on each GPU of this
machine, one after another: a table for each, and {"cuda:0": …, "cuda:1": …} as JSON.

JSON

--json prints {"tensors": [{"bundle", "name", "max", "rms", "torch_max", "torch_rms",
"ratio", "fast_max", "fast_rms", "fast_ratio"}…], "geomean", "worst", "fast_geomean",
"fast_worst", "checkpoints": [{"bundle", "checkpoint", "layout"}…],
"failed": [{"bundle", "name", "reason"}…], "training", "text"}. Tensors without a limit are left
out. training is {"tensors": [{"bundle", "name", "way", "max", "rms", "torch_max",
"torch_rms", "ratio"}…], "geomean", "worst", "not_run": [{"bundle", "reason"}…], "failed"},
with a mean and a worst ratio for each way; text is the same of texts. Each is left out where
no case is selected, and so is the rest if no bundle of a model is.

Exit status:

  0    all limits are kept
  1    a limit was exceeded
  2    the command line is wrong, or the bundles cannot be read
  130  interrupted`,
		Example: `  cradio conformance
  cradio conformance --filter nano/ --machine tape
  cradio conformance --filter checkpoints/
  cradio conformance --dtype bfloat16
  cradio conformance --device cuda:all
  cradio conformance --full --json > report.json
  cradio conformance --bundles mine/ --model C-RADIOv2-B`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.bundles, "bundles", "", "folder of bundles (default: the project's)")
	flags.StringVar(&f.references, "references", "", "folder of references for training (default: train/ in the folder of bundles)")
	addDType(cmd, &f.dtype)
	addDevice(cmd, &f.device)
	flags.StringVar(&f.machine, "machine", "", "tape: run the graphs on Gorgonia's TapeMachine, not on a device")
	flags.StringVar(&f.filter, "filter", "", "run only bundles whose name contains this text")
	flags.StringVarP(&f.model, "model", "m", "", "the checkpoint from which bundles of a real model were made")
	flags.BoolVar(&f.full, "full", false, "also run large models, H and g; needs several GB of memory")
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all fast ones)")
	flags.IntVar(&f.worst, "worst", -1, "print only the worst `N` tensors; -1 prints all")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	complete(cmd, "machine", string(conformance.Tape))
	for _, name := range []string{"bundles", "references"} {
		if err := cmd.MarkFlagDirname(name); err != nil {
			panic(err) // the flag does not exist
		}
	}
	return cmd
}

func (f *conformanceFlags) run(cmd *cobra.Command) error {
	opt := conformance.Options{DType: radio.DType(f.dtype), Threads: f.threads, Filter: f.filter, Large: f.full, Model: f.model}
	machines, err := f.machines(cmd)
	if err != nil {
		return err
	}
	opt.Machine = machines[0]
	if err := opt.Check(); err != nil {
		return usage(cmd, "%v", err)
	}
	dir := f.bundles
	if dir == "" {
		if dir, err = conformance.Find("."); err != nil {
			return usage(cmd, "%v, with --bundles", err)
		}
	}
	var list []reports
	for _, opt.Machine = range machines {
		bar := &suiteBar{stderr: cmd.ErrOrStderr()}
		opt.Progress = bar.show
		r, err := f.all(cmd, dir, opt)
		bar.stop()
		if errors.Is(err, conformance.ErrNothing) {
			return usage(cmd, "%v", err)
		}
		if err != nil {
			return err
		}
		r.machine = opt.Machine
		list = append(list, r)
	}
	if err := f.print(cmd.OutOrStdout(), list); err != nil {
		return err
	}
	for _, r := range list {
		if err := r.err(); err != nil && len(list) > 1 {
			return failed{fmt.Sprintf("%s: %v", r.machine, err)}
		} else if err != nil {
			return err
		}
	}
	return nil
}

// machines are those that run everything, one after another.
func (f *conformanceFlags) machines(cmd *cobra.Command) (list []conformance.MachineName, err error) {
	switch {
	case f.machine == string(conformance.Tape) && cmd.Flags().Changed("device"):
		return nil, usage(cmd, "--machine tape runs on no device: leave out --device")
	case f.machine == string(conformance.Tape):
		return []conformance.MachineName{conformance.Tape}, nil
	case f.machine != "":
		return nil, usage(cmd, "--machine %s: must be tape; --device chooses what else computes", shown(f.machine))
	}
	if err := checkDevice(cmd, f.device); err != nil {
		return nil, err
	}
	names, err := graph.Each(f.device)
	for _, name := range names {
		list = append(list, conformance.MachineName(name))
	}
	return list, err
}

// suiteBar shows the progress of the suite on a terminal. Elsewhere it shows nothing.
type suiteBar struct {
	stderr io.Writer
	begin  sync.Once
	bars   *bars
	bar    *mpb.Bar     // nil where nothing is drawn
	next   atomic.Value // string: the bundle that is running
}

func (s *suiteBar) show(done, total int, next string) {
	s.next.Store(next)
	s.begin.Do(func() {
		if s.bars = newBars(s.stderr); s.bars != nil {
			s.bar = s.bars.add(int64(total), sides{
				left:  []decor.Decorator{decor.CountersNoUnit("%d of %d bundles")},
				right: []decor.Decorator{decor.Any(func(decor.Statistics) string { return s.next.Load().(string) })},
			})
		}
	})
	if s.bar != nil {
		s.bar.SetCurrent(int64(done))
	}
}

// stop removes the bar.
func (s *suiteBar) stop() { s.bars.stop() }
