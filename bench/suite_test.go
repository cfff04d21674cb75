package bench_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"cradio/bench"

	"github.com/stretchr/testify/require"
)

// entrant claims to take so many seconds.
type entrant struct {
	name       string
	seconds    float64
	summary    []float32
	prepareErr error
	failAfter  int // runs, 0 for never
	log        *[]string
	runs       int
}

func (e *entrant) Name() string { return e.name }
func (e *entrant) PID() int     { return os.Getpid() }
func (e *entrant) Close() error { return nil }

func (e *entrant) Prepare(_ context.Context, c bench.Case) (*bench.Ready, error) {
	return &bench.Ready{Summary: [][]float32{e.summary}, Settings: "as it is"}, e.prepareErr
}

func (e *entrant) Run(_ context.Context, n int) (time.Duration, error) {
	if e.runs++; e.failAfter > 0 && e.runs > e.failAfter {
		return 0, errors.New("out of memory")
	}
	if e.log != nil {
		*e.log = append(*e.log, e.name)
	}
	return time.Duration(float64(n) * e.seconds * float64(time.Second)), nil
}

var small = bench.Case{Model: "nano", Size: 64, Batch: 1, DType: "float32"}

func suite(probe func() float64, entrants ...bench.Entrant) *bench.Suite {
	return &bench.Suite{
		Gate: &bench.Gate{Probe: probe, Limits: lenient}, Entrants: entrants,
		Rounds: 3, MinTime: time.Second, Log: func(string, ...any) {},
	}
}

func TestCellsCompare(t *testing.T) {
	var log []string
	ours := &entrant{name: "cradio", seconds: 0.25, summary: []float32{1, 2}, log: &log}
	near := &entrant{name: "near", seconds: 0.5, summary: []float32{1, 2.00001}, log: &log}
	slow := &entrant{name: "slow", seconds: 0.75, summary: []float32{1, 2}, log: &log}
	other := &entrant{name: "other", seconds: 0.125, summary: []float32{2, 1}, log: &log}
	absent := &entrant{name: "absent", prepareErr: errors.New("not installed")}
	cells, err := suite(scripted(100), ours, near, slow, other, absent).Cells(context.Background(), []bench.Case{small}, 0)
	require.NoError(t, err)
	require.Len(t, cells, 1)
	c := cells[0]
	require.Equal(t, 3, c.Counted)
	require.Zero(t, c.Discarded)
	require.Equal(t, 100.0, c.Peak)
	require.Equal(t, 250.0, c.Results[0].Milliseconds)
	require.InDelta(t, c.GFLOP/0.25/100, c.Results[0].Fraction, 1e-12)
	require.Equal(t, "near", c.Fastest, "who computes something else does not compete")
	require.Equal(t, 2.0, c.Ratio)
	require.False(t, c.Results[1].Disagrees)
	require.True(t, c.Results[3].Disagrees)
	require.Equal(t, "not installed", c.Results[4].Error)

	// One run each to begin with; then another goes first in each round.
	require.Equal(t, []string{"cradio", "near", "slow", "other"}, log[:4])
	require.Equal(t, []string{"cradio", "near", "slow", "other"}, log[4:8])
	require.Equal(t, []string{"near", "slow", "other", "cradio"}, log[8:12])
	require.Equal(t, 8, c.Rounds[0][0].Runs, "as many as the fastest needs to fill MinTime")
}

func TestCellsDiscardDisturbedRounds(t *testing.T) {
	// The machine halves its speed for good in the second round.
	s := suite(scripted(100, 100, 100, 100, 50), &entrant{name: "cradio", seconds: 2})
	cells, err := s.Cells(context.Background(), []bench.Case{small}, 0)
	require.NoError(t, err)
	c := cells[0]
	require.Equal(t, 2, c.Counted)
	require.Equal(t, 7, c.Discarded, "three rounds are tried for each that is wanted")
	require.Equal(t, 21, c.Disturbed, "and three measurements for each round")
	require.Len(t, c.Rounds[2], 3)
	require.Equal(t, "a probe at 50 % of the fastest", c.Rounds[2][0].Disturbed)
	require.Equal(t, 2000.0, c.Results[0].Milliseconds, "what counts is still there")
}

// A machine that shows its speed only later makes what was measured before not count.
func TestCellsAreJudgedAgain(t *testing.T) {
	slow := make([]float64, 6)
	for i := range slow {
		slow[i] = 50
	}
	s := suite(scripted(append(slow, 100)...), &entrant{name: "cradio", seconds: 1})
	cells, err := s.Cells(context.Background(), []bench.Case{small, small}, 0)
	require.NoError(t, err)
	require.Zero(t, cells[0].Counted)
	require.Zero(t, cells[0].Results[0].Milliseconds)
	require.Equal(t, 3, cells[1].Counted)
}

func TestCellsWithoutWhoFails(t *testing.T) {
	s := suite(scripted(100), &entrant{name: "cradio", seconds: 1}, &entrant{name: "frail", seconds: 1, failAfter: 2})
	cells, err := s.Cells(context.Background(), []bench.Case{small}, 0)
	require.NoError(t, err)
	require.Equal(t, "out of memory", cells[0].Results[1].Error)
	require.Equal(t, 1000.0, cells[0].Results[0].Milliseconds)
	require.Equal(t, 3, cells[0].Counted)
	require.Zero(t, cells[0].Ratio)
}

func TestSingleImagesOnly(t *testing.T) {
	eight := small
	eight.Batch = 8
	s := suite(scripted(100), bench.SingleImages{Entrant: &entrant{name: "reference", seconds: 1}})
	cells, err := s.Cells(context.Background(), []bench.Case{small, eight}, 0)
	require.NoError(t, err)
	require.Equal(t, 1000.0, cells[0].Results[0].Milliseconds)
	require.Contains(t, cells[1].Results[0].Error, "only with batch 1")
	require.Empty(t, cells[1].Rounds)
}

// A case that cannot be short is run as it is, without a run to find out.
func TestCellsLongCase(t *testing.T) {
	long := bench.Case{Model: "B", Size: 432, Batch: 8, DType: "float32"}
	e := &entrant{name: "cradio", seconds: 8}
	s := suite(scripted(100), e)
	s.Gate.Wait(context.Background())
	_, err := s.Cells(context.Background(), []bench.Case{long}, 0)
	require.NoError(t, err)
	require.Equal(t, 3, e.runs)
}

func TestCellsWithinALimit(t *testing.T) {
	s := suite(scripted(100), &entrant{name: "cradio", seconds: 1})
	s.Rounds = 1000
	cells, err := s.Cells(context.Background(), []bench.Case{small, small}, time.Nanosecond)
	require.NoError(t, err)
	require.Empty(t, cells, "what would begin after the limit is left out")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = s.Cells(ctx, []bench.Case{small}, 0)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCellsRefuseCases(t *testing.T) {
	for _, c := range []struct {
		change func(*bench.Case)
		want   string
	}{
		{func(c *bench.Case) { c.Model = "X" }, `no synthetic model "X"`},
		{func(c *bench.Case) { c.Size = 50 }, "50"},
		{func(c *bench.Case) { c.Size = 1 << 40 }, "at most 8192"},
		{func(c *bench.Case) { c.Batch = 0 }, "batch is 0"},
		{func(c *bench.Case) { c.Batch = 1 << 40 }, "want 1 to 1024"},
	} {
		bad := small
		c.change(&bad)
		_, err := suite(scripted(100)).Cells(context.Background(), []bench.Case{bad}, 0)
		require.ErrorContains(t, err, c.want)
	}
}

func TestParseCase(t *testing.T) {
	c, err := bench.ParseCase("L:432:8")
	require.NoError(t, err)
	require.Equal(t, bench.Case{Model: "L", Size: 432, Batch: 8, DType: "float32"}, c)
	for _, text := range []string{"B:224:1", "nano:16:1024"} { // one that is read can be run
		c, err := bench.ParseCase(text)
		require.NoError(t, err)
		flops, err := bench.FLOPs(c)
		require.NoError(t, err)
		require.Positive(t, flops)
		require.Equal(t, text+":float32", c.Short())
	}
	for _, text := range []string{"", "B", "B:224", ":1:", "B:-16:1", "B:9223372036854775807:1", "nano:16:1025", "B:x:1", "B:224:x", "B:224:1:1", "B:225:1", "B:224:0", "X:224:1"} {
		_, err := bench.ParseCase(text)
		require.ErrorContains(t, err, strconv.Quote(text))
	}
}

// What was measured before an interruption is not lost.
func TestCellsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	probes := 0
	s := suite(func() float64 {
		if probes++; probes > 5 { // in the third measurement
			cancel()
		}
		return 100
	}, &entrant{name: "cradio", seconds: 1})
	cells, err := s.Cells(ctx, []bench.Case{small}, 0)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 2, cells[0].Counted)
	require.Equal(t, 1000.0, cells[0].Results[0].Milliseconds)
}
