package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"cradio/bench"
	"cradio/bench/report"
	"cradio/cpu"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// benchFlags are the options of `cradio bench`.
type benchFlags struct {
	models, dtypes, cases []string
	sizes, batches        []int
	threads, rounds       int
	limit                 time.Duration
	json, pprof           string
	profile               string
	peers, peersDir       string
	starts                int
	grad, recompute       bool
	device                string
	train                 []string
}

func newBenchCmd() *cobra.Command {
	f := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure speed, alone or against other libraries",
		Long: `bench measures the time of a forward pass, with synthetic weights. Use it to see how
fast this machine is, or to compare cradio with other libraries. It runs every combination
of --model, --size, --batch and --dtype, or the cases that --case lists.

The machine's speed is probed before and after each measurement. If a probe is slow, if
the two differ, or if other programs used the processor, the measurement is repeated. A
round without a good measurement does not count. The times are medians of the rounds that
count. GFLOP is the work of a forward pass, as in ` + "`cradio info`" + `. The fraction in
parentheses is the speed relative to the float32 multiply-add peak, which the probes measure.

With --grad, a forward and a backward pass are measured: the gradients of all parameters,
with weights that may change from pass to pass. Its work counts as three forward passes.

With --train, a step of training is measured: forward and backward pass and AdamW, of a
classifier on the summary and of the last blocks (last4) or all of them. With --peers the
peak memory of each process is measured too.

With --device, a GPU computes. The times are those of a caller: with the copies of pixels to
the GPU and of outputs from it. With cuda:all, as many passes run at once as keep all GPUs busy,
and the time of one is that of all divided by their number. The probes are still those of the
processor: they tell whether other programs disturbed it, and no fraction of a peak is shown. With
--peers, PyTorch runs beside it, with compiled blocks and the pass captured as a CUDA graph.

With --peers, the same cases run in other libraries too. Each library is a process of its
own, and they are measured in alternation. The ratio is the fastest peer's time divided by
ours. bench/peers/setup.sh installs the libraries; bench/README.md describes the method.`,
		Example: `  cradio bench
  cradio bench --model B,L --size 224,432 --batch 1,8 --json ours.json
  cradio bench --profile --rounds 3
  cradio bench --profile=each --dtype bfloat16
  cradio bench --peers --case B:224:1 --case B:224:8
  cradio bench --peers --grad --case B:224:8
  cradio bench --peers=torch --train last4,all --case B:224:8`,
		Args: noSuchCommand, SuggestionsMinimumDistance: maxDistance,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.models, "model", "m", []string{"B"}, "synthetic models")
	flags.IntSliceVar(&f.sizes, "size", []int{224}, "sizes of the square images, pixels")
	flags.IntSliceVarP(&f.batches, "batch", "b", []int{1}, "batch sizes")
	flags.StringSliceVar(&f.dtypes, "dtype", []string{"float32"}, "precisions: float32, bfloat16, int8; tf32 (on GPUs)")
	flags.StringSliceVar(&f.cases, "case", nil, "MODEL:SIZE:BATCH, instead of --model, --size and --batch; may be repeated")
	addDevice(cmd, &f.device)
	flags.IntVar(&f.threads, "threads", 2, "cores to use")
	flags.IntVar(&f.rounds, "rounds", 7, "rounds that must count, for each case")
	flags.DurationVar(&f.limit, "limit", 0, "time limit for all cases together, such as 15m (default no limit)")
	flags.StringVar(&f.json, "json", "", "write the results to this file, with every round")
	flags.StringVar(&f.profile, "profile", "", "print times: kinds (by kind of instruction) or each (every instruction)")
	flags.Lookup("profile").NoOptDefVal = "kinds"
	flags.StringVar(&f.pprof, "pprof", "", "write a CPU profile of the rounds to this file, for go tool pprof")
	flags.StringVar(&f.peers, "peers", "", "measure other libraries too: all, or a list of "+strings.Join(slices.Concat(bench.PeerNames, bench.GPUPeers), ","))
	flags.Lookup("peers").NoOptDefVal = "all"
	flags.StringVar(&f.peersDir, "peers-dir", defaultPeersDir(), "folder where bench/peers/setup.sh installed the libraries")
	flags.IntVar(&f.starts, "starts", 0, "with --peers: how many times to measure the start-up of each library")
	flags.BoolVar(&f.grad, "grad", false, "measure a forward and a backward pass: the gradients of all parameters")
	flags.StringSliceVar(&f.train, "train", nil, "measure a step of training: all blocks and the embeddings, or last4 for the last four blocks")
	flags.BoolVar(&f.recompute, "recompute", false, "with --train: compute activations again instead of keeping them")
	complete(cmd, "profile", "kinds", "each")
	complete(cmd, "dtype", "float32", "bfloat16", "int8", "tf32")
	cmd.AddCommand(newBenchTableCmd(), newBenchPlotCmd(), newBenchWorkerCmd())
	return cmd
}

// newBenchWorkerCmd measures this library in a process of its own.
func newBenchWorkerCmd() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Measure what a benchmark asks for on standard input",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return bench.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

func defaultPeersDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "cradio-bench")
}

func (f *benchFlags) run(cmd *cobra.Command) error {
	began := time.Now()
	cases, err := f.list(cmd)
	if err != nil {
		return err
	}
	for _, path := range []string{f.json, f.pprof} {
		if path == "" {
			continue
		}
		if err := output.Writable(path); err != nil {
			return err
		}
	}
	pool := cpu.NewPool(f.threads)
	defer pool.Close()
	results := &report.Report{
		Date: time.Now().UTC().Truncate(time.Second), Version: readVersion().Revision,
		Machine: bench.ThisMachine(), Threads: f.threads, Limits: report.DefaultLimits,
	}
	suite, peak := bench.NewSuite(pool, f.rounds, say)
	results.IsPeak = peak
	if !bench.OnCPU(f.device) {
		results.Device, results.IsPeak, suite.Accelerated = f.device, false, true
	}
	if f.peers != "" {
		err = f.compare(cmd.Context(), suite, results, cases, began)
	} else {
		err = f.alone(cmd, suite, results, cases)
	}
	results.BestProbe = suite.Gate.Best()
	if f.json != "" && len(results.Cells) > 0 { // also of a run that was interrupted
		if werr := loader.WriteFile(f.json, results.Write); err == nil {
			err = werr
		} else if werr == nil && cmd.Context().Err() != nil {
			err = &interruption{"interrupted: the results so far are in " + f.json, err}
		}
	}
	if err != nil {
		return err
	}
	results.WriteTable(cmd.OutOrStdout())
	if f.profile != "" {
		return f.profiles(cmd, suite, results, cases)
	}
	return nil
}

// list returns the cases that the flags ask for, or what is wrong with the flags.
func (f *benchFlags) list(cmd *cobra.Command) ([]bench.Case, error) {
	if err := checkDevice(cmd, f.device); err != nil {
		return nil, err
	}
	switch {
	case f.threads < 1:
		return nil, usage(cmd, "--threads %d: must be at least 1", f.threads)
	case f.rounds < 1:
		return nil, usage(cmd, "--rounds %d: must be at least 1", f.rounds)
	case f.profile != "" && f.profile != "kinds" && f.profile != "each":
		return nil, usage(cmd, "--profile=%s: must be kinds or each", f.profile)
	case f.peers != "" && (f.profile != "" || f.pprof != ""):
		return nil, usage(cmd, "--profile and --pprof measure cradio only: leave out --peers")
	case (f.grad || len(f.train) > 0) && f.starts > 0:
		return nil, usage(cmd, "--starts measures the start-up until a first embedding: leave out --grad and --train")
	case f.grad && len(f.train) > 0:
		return nil, usage(cmd, "a step of training has gradients: give --grad or --train")
	case f.recompute && len(f.train) == 0:
		return nil, usage(cmd, "--recompute is of training: give --train too")
	case !bench.OnCPU(f.device) && f.peers != "" && (f.grad || len(f.train) > 0 || f.starts > 0):
		return nil, usage(cmd, "--device %s: only forward passes are compared with other libraries: leave out --peers, or --grad, --train and --starts", f.device)
	case f.peers != "" && strings.HasSuffix(f.device, ":all"):
		return nil, usage(cmd, "--device %s: other libraries are measured on one GPU: choose one, or leave out --peers", f.device)
	case f.peers == "" && f.starts > 0:
		return nil, usage(cmd, "--starts measures the start-up of each library: give --peers too")
	}
	texts := f.cases
	if len(texts) == 0 {
		for _, model := range f.models {
			for _, size := range f.sizes {
				for _, batch := range f.batches {
					texts = append(texts, fmt.Sprintf("%s:%d:%d", model, size, batch))
				}
			}
		}
	}
	trains := []report.Train{""}
	for i, text := range f.train {
		t, err := report.ParseTrain(text)
		if err != nil {
			return nil, usage(cmd, "--train: %v", err)
		}
		trains = append(trains[:i], t)
	}
	var cases []bench.Case
	for _, dtype := range f.dtypes {
		if err := bench.Computes(cmd.Context(), dtype, f.device); err != nil && f.peers == "" {
			return nil, usage(cmd, "--dtype %s, --device %s: %v", dtype, f.device, err)
		}
		for _, text := range texts {
			c, err := bench.ParseCase(text)
			if err != nil {
				return nil, usage(cmd, "%v", err)
			}
			c.DType, c.Grad, c.Recompute = dtype, f.grad, f.recompute
			for _, c.Train = range trains {
				if _, err := bench.Config(c); err != nil {
					return nil, usage(cmd, "%v", err)
				}
				cases = append(cases, c)
			}
		}
	}
	return cases, nil
}

// alone measures this library only, in this process.
func (f *benchFlags) alone(cmd *cobra.Command, s *bench.Suite, results *report.Report, cases []bench.Case) (err error) {
	local := &bench.Local{Threads: f.threads, Device: f.device}
	defer local.Close()
	s.Entrants = []bench.Entrant{local}
	if f.pprof != "" {
		var profile bytes.Buffer
		if err := pprof.StartCPUProfile(&profile); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, loader.WriteFile(f.pprof, loader.ByteData(profile.Bytes())))
		}()
	}
	results.Cells, err = s.Cells(cmd.Context(), cases, f.limit)
	return err
}

// compare measures this library and the peers, each in its own process.
func (f *benchFlags) compare(ctx context.Context, s *bench.Suite, results *report.Report, cases []bench.Case, began time.Time) error {
	p := bench.Peers{Dir: f.peersDir, Scripts: filepath.Join("bench", "peers"), Threads: f.threads, Device: f.device}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	launches := []bench.Launch{p.Ours(self, "bench", "worker")}
	names := bench.PeersOf(runtime.GOARCH)
	if !bench.OnCPU(f.device) {
		names = bench.GPUPeers
	} else if f.grad || len(f.train) > 0 { // the others have none
		names = bench.GradientPeers
	}
	if f.peers != "all" {
		names = strings.Split(f.peers, ",")
	}
	for _, name := range names {
		l, err := p.Launch(name)
		if errors.Is(err, bench.ErrNotForced) && f.peers == "all" {
			slog.Warn(name + " " + err.Error())
			continue
		}
		if err != nil {
			return err
		}
		launches = append(launches, l)
	}
	if f.starts > 0 {
		first := cases[0]
		if err := (&bench.Local{Threads: f.threads, Folder: p.Models()}).Pack(ctx, first); err != nil {
			return err
		}
		if results.Starts, err = s.Starts(ctx, first, launches, f.starts); err != nil {
			return err
		}
	}
	limit := f.limit
	if limit > 0 {
		limit = max(limit-time.Since(began), time.Nanosecond) // without the time of the start-up measurements
	}
	if len(f.train) == 0 {
		results.Cells, err = f.together(ctx, s, launches, cases, limit)
		return err
	}
	for i := range cases { // each in processes of its own, of which the peak memory is measured
		cells, err := f.together(ctx, s, launches, cases[i:i+1], limit/time.Duration(len(cases)))
		results.Cells = append(results.Cells, cells...)
		if err != nil {
			return err
		}
	}
	return nil
}

// together measures cases in one process of each entrant.
func (f *benchFlags) together(ctx context.Context, s *bench.Suite, launches []bench.Launch, cases []bench.Case, limit time.Duration) ([]*bench.Cell, error) {
	s.Entrants = nil
	for _, l := range launches {
		e, err := l.Start()
		if err != nil {
			return nil, err
		}
		defer e.Close()
		if l.Name == "torch" && !f.grad && len(f.train) == 0 { // torch-compile is faster
			s.Entrants = append(s.Entrants, bench.SingleImages{Entrant: e})
			continue
		}
		s.Entrants = append(s.Entrants, e)
	}
	return s.Cells(ctx, cases, limit)
}

// profiles prints the time of each part of each case, and the peak measured at the same time.
func (f *benchFlags) profiles(cmd *cobra.Command, s *bench.Suite, results *report.Report, cases []bench.Case) error {
	local := &bench.Local{Threads: f.threads, Device: f.device}
	defer local.Close()
	for _, c := range cases {
		if _, err := local.Prepare(cmd.Context(), c); err != nil {
			return err
		}
		before := s.Gate.Wait(cmd.Context())
		write, err := f.profiled(cmd, local.Model, c)
		if err != nil {
			return err
		}
		t := &bench.Measurement{Before: before, After: s.Gate.Wait(cmd.Context())}
		peak, note := 0.0, ""
		if results.IsPeak {
			peak = (t.Before + t.After) / 2
		}
		if why := s.Gate.Judge(t, s.Gate.Best()); why != "" {
			note = " (disturbed: " + why + ")"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "\n%v, medians of %d runs%s:\n\n", c, f.rounds, note)
		write(peak)
	}
	return nil
}

// profiled profiles a case by kinds of instructions or by each instruction. It returns
// the function that prints the result.
func (f *benchFlags) profiled(cmd *cobra.Command, m *radio.Model, c bench.Case) (write func(peak float64), err error) {
	if f.profile == "each" {
		p, rows, err := bench.ProfileEach(cmd.Context(), m, c, f.rounds)
		return func(peak float64) { bench.WriteProgram(cmd.OutOrStdout(), p, rows, peak) }, err
	}
	rows, err := bench.Profile(cmd.Context(), m, c, f.rounds)
	return func(peak float64) { bench.WriteProfile(cmd.OutOrStdout(), rows, peak) }, err
}
