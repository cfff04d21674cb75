package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"cradio/bench"
	"cradio/cpu"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// benchFlags are the choices of `cradio bench`.
type benchFlags struct {
	models, dtypes, cases []string
	sizes, batches        []int
	threads, rounds       int
	limit                 time.Duration
	json, pprof           string
	profile               string
	peers, peersDir       string
	starts                int
}

func newBenchCmd() *cobra.Command {
	f := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "How fast a model runs, alone or beside other libraries",
		Long: `bench times forward passes of models with synthetic weights: every combination of
--model, --size, --batch and --dtype, or what --case lists.

Each measurement lies between two probes of the machine's speed. Where they fell or
differ, or other programs took processor time, it was disturbed: it is tried again,
and a round that lacks one does not count. Times are medians over the rounds that
count. GFLOP is the work of a pass as ` + "`cradio info`" + ` counts it, and the fraction
in parentheses its speed over that of the probes, the float32 multiply-add peak.

With --peers, other libraries do the same work in turn with ours, each in a process
of its own; ratio is the fastest peer's time over ours. bench/peers/setup.sh
installs them, and bench/README.md tells more.`,
		Example: `  cradio bench
  cradio bench --model B,L --size 224,432 --batch 1,8 --json ours.json
  cradio bench --profile --rounds 3
  cradio bench --profile=each --dtype bfloat16
  cradio bench --peers --case B:224:1 --case B:224:8`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.models, "model", "m", []string{"B"}, "synthetic models")
	flags.IntSliceVar(&f.sizes, "size", []int{224}, "sizes of the square pictures, pixels")
	flags.IntSliceVarP(&f.batches, "batch", "b", []int{1}, "pictures computed together")
	flags.StringSliceVar(&f.dtypes, "dtype", []string{"float32"}, "precisions: float32, bfloat16, int8")
	flags.StringSliceVar(&f.cases, "case", nil, "a MODEL:SIZE:BATCH, in place of --model, --size and --batch; may be repeated")
	flags.IntVar(&f.threads, "threads", 2, "cores to use")
	flags.IntVar(&f.rounds, "rounds", 7, "rounds that count, for each case")
	flags.DurationVar(&f.limit, "limit", 0, "time for all cases together, such as 15m (default no limit)")
	flags.StringVar(&f.json, "json", "", "write the results, with every round, to this file")
	flags.StringVar(&f.profile, "profile", "", "print where in a forward pass the time goes: by kinds of instructions, or the program with each")
	flags.Lookup("profile").NoOptDefVal = "kinds"
	flags.StringVar(&f.pprof, "pprof", "", "write a processor profile of the rounds to this file, for go tool pprof")
	flags.StringVar(&f.peers, "peers", "", "time other libraries too: all, or some of "+strings.Join(bench.PeerNames, ","))
	flags.Lookup("peers").NoOptDefVal = "all"
	flags.StringVar(&f.peersDir, "peers-dir", defaultPeersDir(), "what bench/peers/setup.sh made")
	flags.IntVar(&f.starts, "starts", 0, "with --peers, how often to measure the start of each process")
	complete(cmd, "profile", "kinds", "each")
	complete(cmd, "dtype", "float32", "bfloat16", "int8")
	cmd.AddCommand(newBenchTableCmd(), newBenchWorkerCmd())
	return cmd
}

func newBenchTableCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "table FILE",
		Short: "Print the table of results that --json kept",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			r, err := bench.ReadReport(file)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			r.WriteTable(cmd.OutOrStdout())
			return nil
		},
	}
}

// newBenchWorkerCmd is our side as a process of its own.
func newBenchWorkerCmd() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Answer a benchmark's questions on standard input",
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
	report := &bench.Report{
		Date: time.Now().UTC().Truncate(time.Second), Version: readVersion().Revision,
		Machine: bench.ThisMachine(), Threads: f.threads, Limits: bench.DefaultLimits,
	}
	suite, peak := bench.NewSuite(pool, f.rounds, func(format string, args ...any) {
		fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...)
	})
	report.IsPeak = peak
	if f.peers != "" {
		err = f.compare(cmd.Context(), suite, report, cases, began)
	} else {
		err = f.alone(cmd, suite, report, cases)
	}
	report.BestProbe = suite.Gate.Best()
	if f.json != "" && len(report.Cells) > 0 { // even of a run that was cut short
		if werr := loader.WriteFile(f.json, report.Write); err == nil {
			err = werr
		} else if werr == nil && cmd.Context().Err() != nil {
			err = &interruption{"interrupted: " + f.json + " has what was measured", err}
		}
	}
	if err != nil {
		return err
	}
	report.WriteTable(cmd.OutOrStdout())
	if f.profile != "" {
		return f.profiles(cmd, suite, report, cases)
	}
	return nil
}

// list is the cases that the flags ask for, checked.
func (f *benchFlags) list(cmd *cobra.Command) ([]bench.Case, error) {
	switch {
	case f.threads < 1:
		return nil, usage(cmd, "--threads %d: wants 1 or more", f.threads)
	case f.rounds < 1:
		return nil, usage(cmd, "--rounds %d: wants 1 or more", f.rounds)
	case f.profile != "" && f.profile != "kinds" && f.profile != "each":
		return nil, usage(cmd, "--profile=%s: wants kinds or each", f.profile)
	case f.peers != "" && (f.profile != "" || f.pprof != ""):
		return nil, usage(cmd, "--profile and --pprof are of our side alone, without --peers")
	case f.peers == "" && f.starts > 0:
		return nil, usage(cmd, "--starts measures processes: it wants --peers")
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
	var cases []bench.Case
	for _, dtype := range f.dtypes {
		if err := bench.Computes(cmd.Context(), dtype); err != nil && f.peers == "" {
			return nil, usage(cmd, "--dtype: %v", err)
		}
		for _, text := range texts {
			c, err := bench.ParseCase(text)
			if err != nil {
				return nil, usage(cmd, "%v", err)
			}
			c.DType = dtype
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// alone measures our side, in this process.
func (f *benchFlags) alone(cmd *cobra.Command, s *bench.Suite, report *bench.Report, cases []bench.Case) (err error) {
	local := &bench.Local{Threads: f.threads}
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
	report.Cells, err = s.Cells(cmd.Context(), cases, f.limit)
	return err
}

// compare measures ours and the peers, each in a process.
func (f *benchFlags) compare(ctx context.Context, s *bench.Suite, report *bench.Report, cases []bench.Case, began time.Time) error {
	p := bench.Peers{Dir: f.peersDir, Scripts: filepath.Join("bench", "peers"), Threads: f.threads}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	launches := []bench.Launch{p.Ours(self, "bench", "worker")}
	names := bench.PeerNames
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
		if report.Starts, err = s.Starts(ctx, first, launches, f.starts); err != nil {
			return err
		}
	}
	for _, l := range launches {
		e, err := l.Start()
		if err != nil {
			return err
		}
		defer e.Close()
		if l.Name == "torch" { // torch-compile is the faster
			s.Entrants = append(s.Entrants, bench.SinglePictures{Entrant: e})
			continue
		}
		s.Entrants = append(s.Entrants, e)
	}
	limit := f.limit
	if limit > 0 {
		limit = max(limit-time.Since(began), time.Nanosecond) // less what the starts took
	}
	report.Cells, err = s.Cells(ctx, cases, limit)
	return err
}

// profiles prints where the time goes in each case, beside the peak measured then.
func (f *benchFlags) profiles(cmd *cobra.Command, s *bench.Suite, report *bench.Report, cases []bench.Case) error {
	local := &bench.Local{Threads: f.threads}
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
		t := &bench.Turn{Before: before, After: s.Gate.Wait(cmd.Context())}
		peak, note := 0.0, ""
		if report.IsPeak {
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

// profiled profiles a case by kinds or by each instruction, and returns what prints
// that.
func (f *benchFlags) profiled(cmd *cobra.Command, m *radio.Model, c bench.Case) (write func(peak float64), err error) {
	if f.profile == "each" {
		p, rows, err := bench.ProfileEach(cmd.Context(), m, c, f.rounds)
		return func(peak float64) { bench.WriteProgram(cmd.OutOrStdout(), p, rows, peak) }, err
	}
	rows, err := bench.Profile(cmd.Context(), m, c, f.rounds)
	return func(peak float64) { bench.WriteProfile(cmd.OutOrStdout(), rows, peak) }, err
}
