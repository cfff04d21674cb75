package radio

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"cradio/graph"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"gorgonia.org/tensor"
)

// limitSpace leaves the process so many bytes of address space more than it has.
func limitSpace(more int) error {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[0])
	if err != nil {
		return err
	}
	n := uint64(pages*os.Getpagesize() + more)
	return unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: n, Max: n})
}

// inItsOwnProcess runs a test that limits its memory in a process of its own, and returns
// true there. Under the race detector, which does not live with such a limit, it is skipped.
func inItsOwnProcess(t *testing.T) bool {
	if underRace {
		t.Skip("the race detector does not live with a limit on address space")
	}
	const variable = "CRADIO_TEST_MEMORY"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), variable+"="+t.Name())
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

// heap is about what the heap reserves beyond what it is asked for.
const heap = 192 << 20

// TestBatchTooLarge: a batch that memory has no room for is refused, with one that fits,
// which then does.
func TestBatchTooLarge(t *testing.T) {
	if !inItsOwnProcess(t) {
		return
	}
	const batch = 256
	m := openNano(t, Options{})
	x := different(batch, 256, 256)
	p, err := m.Plan(batch, 256, 256, Request{})
	require.NoError(t, err)
	require.NoError(t, limitSpace(heap+p.ArenaBytes()/2))

	_, err = m.Forward(t.Context(), x)
	var large *TooLargeError
	require.ErrorAs(t, err, &large)
	var memory *graph.MemoryError
	require.ErrorAs(t, err, &memory)
	require.Greater(t, memory.Need, memory.Free)
	require.Contains(t, err.Error(), "a batch of 256 images of 256×256 px needs ")
	require.Contains(t, err.Error(), fmt.Sprintf("there is room for a batch of %d", large.Fits))
	require.Greater(t, large.Fits, 16)
	v, err := x.Slice(tensor.S(0, large.Fits))
	require.NoError(t, err)
	out := forward(t, m, v.(*tensor.Dense), Request{})
	require.Equal(t, large.Fits, out.Summary.Shape()[0])
	forward(t, m, different(1, 64, 64), Request{})
}

// TestLeavesRoom: the heap may grow by a unit between the error and the batch that it recommends.
func TestLeavesRoom(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		need, free int64
		want       bool
	}{
		{225 * mb, 270 * mb, false}, {190 * mb, 270 * mb, true}, {880 * mb, 1000 * mb, false}, {870 * mb, 1000 * mb, true},
		{80 * mb, 100 * mb, false}, {60 * mb, 100 * mb, true}, {60 * mb, 64 * mb, false}, {1, 0, false},
	} {
		require.Equal(t, c.want, leavesRoom(c.need, c.free), "%d of %d", c.need, c.free)
	}
}

// TestStreamsOfTooMany are refused before any image is read.
func TestStreamsOfTooMany(t *testing.T) {
	if !inItsOwnProcess(t) {
		return
	}
	runtime.GOMAXPROCS(2) // so many cores, so many pictures are read ahead
	m := openNano(t, Options{})
	e := NewEncoder(m)
	e.Processor = image.SquareProcessor(2048, 2048)
	one, err := m.Plan(1, 4096, 4096, Request{})
	require.NoError(t, err)
	x := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(1, 3, 4096, 4096))
	require.NoError(t, limitSpace(heap+one.ArenaBytes()/2))

	read := 0
	inputs := make([]Input, 100)
	for i := range inputs {
		inputs[i] = Input{Name: fmt.Sprint(i), Load: func() (*image.RGB, error) { read++; return nil, errors.New("read") }}
	}
	e.BatchSize = 64
	err = e.Stream(t.Context(), inputs, func(Result) error { return nil })
	var large *TooLargeError
	require.ErrorAs(t, err, &large)
	require.Zero(t, read)
	require.Positive(t, large.Fits)

	_, err = m.Run(t.Context(), x, Request{})
	require.ErrorAs(t, err, &large)
	require.Zero(t, large.Fits)
	require.Positive(t, large.FitHeight)
	require.Less(t, large.FitHeight, 4096)
	require.Contains(t, err.Error(), fmt.Sprintf("an image of 4096×4096 px needs %s of memory", graph.Bytes(large.Err.Need)))
	require.Contains(t, err.Error(), fmt.Sprintf("; there is room for one of %d×%d px", large.FitHeight, large.FitWidth))
}

// TestIdleMemoryGivesWay: programs let go of what they do not use, and run again.
func TestIdleMemoryGivesWay(t *testing.T) {
	m := openNano(t, Options{})
	x := different(1, 64, 64)
	want := forward(t, m, x, Request{})
	p, err := m.program(1, 64, 64, Request{})
	require.NoError(t, err)
	require.True(t, p.hasIdle())
	m.programs.freeIdle()
	require.False(t, p.hasIdle())
	require.Equal(t, want.Features.Data(), forward(t, m, x, Request{}).Features.Data())
}

func TestMost(t *testing.T) {
	for bound := range 20 {
		for limit := range 22 {
			require.Equal(t, min(bound, limit), most(bound, func(n int) bool { return n <= limit }))
		}
	}
	require.Zero(t, most(-1, func(int) bool { return true }))
}

// TestTogetherInParts: a Batcher's batch that memory has no room for is computed in parts.
func TestTogetherInParts(t *testing.T) {
	if !inItsOwnProcess(t) {
		return
	}
	const batch = 256
	m := openNano(t, Options{})
	e := NewEncoder(m)
	e.Size = Square(256)
	var group []prepared
	for i := range batch {
		group = append(group, e.prepare(i, decoded(fmt.Sprint(i), grey(256, 256, byte(i)))))
	}
	p, err := m.Plan(batch, 256, 256, Request{})
	require.NoError(t, err)
	last, err := e.Encode(t.Context(), grey(256, 256, batch-1))
	require.NoError(t, err)
	require.NoError(t, limitSpace(heap+p.ArenaBytes()/2))
	e.Request.NoFeatures = true
	results, err := e.together(t.Context(), group)
	require.NoError(t, err)
	require.Len(t, results, batch)
	for i, r := range results {
		require.Equal(t, fmt.Sprint(i), r.Name)
	}
	require.Equal(t, last.Summaries()[0], results[batch-1].Vector())
}
