package bench_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"cradio/bench"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be the worker that the tests start.
func TestMain(m *testing.M) {
	switch os.Getenv("BENCH_TEST_WORKER") {
	case "serve":
		if err := bench.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "crash":
		fmt.Fprintln(os.Stderr, "no such library")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Minute)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, kind string) *bench.Process {
	p, err := bench.StartProcess(kind, "", 1, append(os.Environ(), "BENCH_TEST_WORKER="+kind), os.Args[0])
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func TestServe(t *testing.T) {
	asks := strings.Join([]string{
		`{"do":"run","n":1}`,
		`{"do":"case","model":"nano","size":32,"batch":2,"dtype":"float32","threads":1}`,
		`{"do":"run","n":2}`,
		`{"do":"run","n":0}`,
		`{"do":"dance"}`,
		`{"do":"case","model":"nano","size":33,"batch":2,"dtype":"float32","threads":1}`,
		`{"do":"case","model":"nano","size":32,"batch":1,"dtype":"float8","threads":1}`,
		`{"do":"case","model":"nano","size":32,"batch":2,"dtype":"float32","threads":1,"train":"all"}`,
		`{"do":"case","model":"nano","size":32,"batch":2,"dtype":"float32","threads":1,"train":"last9"}`,
	}, "\n")
	var out strings.Builder
	require.NoError(t, bench.Serve(context.Background(), strings.NewReader(asks), &out))
	var answers []bench.Answer
	for lines := bufio.NewScanner(strings.NewReader(out.String())); lines.Scan(); {
		var a bench.Answer
		require.NoError(t, json.Unmarshal(lines.Bytes(), &a))
		answers = append(answers, a)
	}
	require.Len(t, answers, 9)
	require.Equal(t, "no case is prepared: ask for a case first", answers[0].Error)
	require.Empty(t, answers[1].Error)
	require.Len(t, answers[1].Summary, 2)
	require.Len(t, answers[1].Summary[0], 192)
	require.NotEmpty(t, answers[1].Versions["go"])
	require.Positive(t, answers[2].Seconds)
	require.Contains(t, answers[3].Error, "run n times")
	require.Contains(t, answers[4].Error, `cannot answer "dance"`)
	require.Contains(t, answers[5].Error, "33")
	require.Contains(t, answers[6].Error, `dtype is "float8"`)
	require.Len(t, answers[7].Summary, 1)
	losses := answers[7].Summary[0]
	require.Len(t, losses, 2, "of two steps")
	require.Less(t, losses[1], losses[0])
	require.Contains(t, answers[8].Error, "training last9: nano has 3 blocks")

	require.Error(t, bench.Serve(context.Background(), strings.NewReader("run 3\n"), &out))
}

// A process computes what the library does here.
func TestProcess(t *testing.T) {
	ctx := context.Background()
	c := bench.Case{Model: "nano", Size: 32, Batch: 1, DType: "float32"}
	local := &bench.Local{Threads: 1}
	defer local.Close()
	want, err := local.Prepare(ctx, c)
	require.NoError(t, err)

	p := start(t, "serve")
	got, err := p.Prepare(ctx, c)
	require.NoError(t, err)
	require.Equal(t, want.Summary, got.Summary)
	took, err := p.Run(ctx, 3)
	require.NoError(t, err)
	require.Positive(t, took)
	require.NotEqual(t, os.Getpid(), p.PID())

	_, err = p.Prepare(ctx, bench.Case{Model: "nano", Size: 32, DType: "float32"})
	require.ErrorContains(t, err, "batch is 0")
}

func TestProcessThatEnds(t *testing.T) {
	_, err := start(t, "crash").Prepare(context.Background(), small)
	require.ErrorContains(t, err, "the process ended")
	require.ErrorContains(t, err, "no such library")
}

func TestProcessThatIsCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := start(t, "hang").Prepare(ctx, small)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestStarts(t *testing.T) {
	launch := func(kind string) bench.Launch {
		return bench.Launch{Name: kind, Start: func() (*bench.Process, error) {
			return bench.StartProcess(kind, "", 1, append(os.Environ(), "BENCH_TEST_WORKER="+kind), os.Args[0])
		}}
	}
	s := suite(scripted(100))
	starts, err := s.Starts(context.Background(), small, []bench.Launch{launch("serve"), launch("crash")}, 2)
	require.NoError(t, err)
	require.Len(t, starts[0].All, 2)
	require.Positive(t, starts[0].Seconds)
	require.Contains(t, starts[1].Error, "no such library")
}

// The other side of the pipe makes the same images (peers/checkpoints.py).
func TestPixels(t *testing.T) {
	x := bench.Pixels(1, 32)
	require.Len(t, x, 3*32*32)
	for i, want := range []float32{0, 158, 60, 218, 120, 23} {
		require.Equal(t, want/255, x[i])
	}
	require.Equal(t, float32(251)/255, x[len(x)-1])
}
