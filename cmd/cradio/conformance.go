package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"cradio/conformance"
	"cradio/radio"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/cwriter"
	"github.com/vbauerster/mpb/v8/decor"
)

// conformanceFlags are the choices of `cradio conformance`.
type conformanceFlags struct {
	bundles, dtype, machine, filter, model string
	threads, worst                         int
	full, json                             bool
}

func newConformanceCmd() *cobra.Command {
	f := &conformanceFlags{}
	cmd := &cobra.Command{
		Use:   "conformance",
		Short: "Compare the model with PyTorch, tensor by tensor",
		Long: `conformance runs bundles of reference tensors, which hold pixels and what a model
makes of them, computed in float64, and compares every tensor: those between the
layers, the outputs with and without fused operations, gradients, intermediate
features, windows, decoded images, and checkpoints in every layout that people have
them in: the Hugging Face hub's (one file, shards, half precision, the tower of a
vision-language model), the torch hub's .pth.tar files (averaged weights, weights
under spectral reparametrisation), and transformers' own RadioModel. Which one a
checkpoint is in, the report says.

For each tensor the table has our root-mean-square error, that of PyTorch in float32
(measured when the bundle was made), and the ratio, worst first. The mark: a ratio of
at most 1.25 on every tensor, and a geometric mean of at most 1. An error after ≈ is
an estimate, where PyTorch's was not recorded: the ratio may then be 2, and does not
count in the mean. The loss of a gradient bundle has no mark.

With --dtype bfloat16 the same is asked beside PyTorch's error under bfloat16 autocast,
without gradients; with int8 at most ONNX Runtime's error with dynamic int8, on summary
and features of the bundles whose manifest has it.

Without --bundles it takes the project's own, from conformance/ in this folder or above
it. More are made by conformance/reference/make.py, with any seed and size, and by
conformance/reference/from_upstream.py from the original model and a checkpoint, to
be compared with --model. conformance/README.md says how.

With --json: {"tensors": [{"bundle", "name", "max", "rms", "torch_max", "torch_rms",
"ratio"}…], "geomean", "worst", "checkpoints": [{"bundle", "checkpoint", "layout"}…],
"failed": [{"bundle", "name", "reason"}…]}, without the tensors that have nothing to be
compared with.

Exit status: 0 all marks are met, 1 one was missed, 2 the command line is wrong or
the bundles cannot be read, 130 interrupted.`,
		Example: `  cradio conformance
  cradio conformance --filter nano/ --machine tape
  cradio conformance --filter checkpoints/
  cradio conformance --dtype bfloat16
  cradio conformance --full --json > report.json
  cradio conformance --bundles mine/ --model C-RADIOv2-B`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.bundles, "bundles", "", "folder of bundles (default the project's own)")
	addDType(cmd, &f.dtype)
	flags.StringVar(&f.machine, "machine", string(conformance.CPU), "what runs the graphs: cpu, or tape, Gorgonia's stock TapeMachine")
	flags.StringVar(&f.filter, "filter", "", "only bundles whose name contains this")
	flags.StringVarP(&f.model, "model", "m", "", "checkpoint that bundles of a real model were made from")
	flags.BoolVar(&f.full, "full", false, "large models too, H and g: several GB of memory")
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all)")
	flags.IntVar(&f.worst, "worst", -1, "print only so many tensors of the table (default all)")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	complete(cmd, "machine", string(conformance.CPU), string(conformance.Tape))
	if err := cmd.MarkFlagDirname("bundles"); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

func (f *conformanceFlags) run(cmd *cobra.Command) error {
	opt := conformance.Options{
		DType: radio.DType(f.dtype), Machine: conformance.MachineName(f.machine), Threads: f.threads,
		Filter: f.filter, Large: f.full, Model: f.model,
	}
	if err := opt.Check(); err != nil {
		return usage(cmd, "%v", err)
	}
	dir := f.bundles
	if dir == "" {
		var err error
		if dir, err = conformance.Find("."); err != nil {
			return usage(cmd, "%v, with --bundles", err)
		}
	}
	suite, err := conformance.Open(dir)
	if err != nil {
		return err
	}
	bar := &suiteBar{stderr: cmd.ErrOrStderr()}
	opt.Progress = bar.show
	report, err := suite.Run(cmd.Context(), opt)
	bar.stop()
	if errors.Is(err, conformance.ErrNothing) {
		return usage(cmd, "%v", err)
	}
	if err != nil {
		return err
	}
	if err := f.print(cmd.OutOrStdout(), report); err != nil {
		return err
	}
	if err := report.Err(); err != nil {
		return failed{err.Error()}
	}
	return nil
}

func (f *conformanceFlags) print(out io.Writer, report *conformance.Report) error {
	if f.json {
		return json.NewEncoder(out).Encode(report)
	}
	return report.Write(out, f.worst)
}

// suiteBar shows on a terminal how far the suite is; elsewhere nothing.
type suiteBar struct {
	stderr io.Writer
	bars   *mpb.Progress // nil off a terminal
	bar    *mpb.Bar
	next   atomic.Value // string: the bundle that is running
}

func (s *suiteBar) show(done, total int, next string) {
	f, ok := s.stderr.(*os.File)
	if !ok || !cwriter.IsTerminal(int(f.Fd())) {
		return
	}
	s.next.Store(next)
	if s.bar == nil {
		s.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40), mpb.WithAutoRefresh())
		s.bar = s.bars.AddBar(int64(total),
			mpb.PrependDecorators(decor.CountersNoUnit("%d of %d bundles")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return s.next.Load().(string) })),
		)
	}
	s.bar.SetCurrent(int64(done))
}

// stop takes the bar away.
func (s *suiteBar) stop() {
	if s.bars != nil {
		s.bar.Abort(true)
		s.bars.Wait()
	}
}
