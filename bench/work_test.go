package bench_test

import (
	"context"
	"testing"
	"time"

	"cradio/bench"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// A model's work, counted by hand: N = 16 patches of 16 pixels, T = 24, D = 64,
// M = 256, 3 blocks, 2 images.
func TestFLOPs(t *testing.T) {
	c := bench.Case{Model: "nano", Size: 64, Batch: 2, DType: "float32"}
	got, err := bench.FLOPs(c)
	require.NoError(t, err)
	const patches, block = 2 * 16 * 768 * 64, 2*24*64*(4*64+2*256) + 4*24*24*64
	require.Equal(t, float64(2*(patches+3*block)), got)
}

// Every product of the program is known, and counted once.
func TestProfile(t *testing.T) {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{Threads: 1})
	require.NoError(t, err)
	defer m.Close()
	c := bench.Case{Model: "nano", Size: 64, Batch: 2, DType: "float32"}
	rows, err := bench.Profile(ctx, m, c, 2)
	require.NoError(t, err)
	flops, instructions := 0.0, 0
	for _, r := range rows {
		flops += r.FLOPs
		instructions += r.Count
		require.GreaterOrEqual(t, r.Time, time.Duration(0))
	}
	want, err := bench.FLOPs(c)
	require.NoError(t, err)
	require.Equal(t, want, flops, "%v", rows)
	plan, err := m.Plan(2, 64, 64, radio.Request{})
	require.NoError(t, err)
	require.Len(t, plan.Instructions(), instructions)

	program, each, err := bench.ProfileEach(ctx, m, c, 2)
	require.NoError(t, err)
	require.Len(t, each, len(program.Instructions()))
	flops = 0
	for _, r := range each {
		flops += r.FLOPs
	}
	require.Equal(t, want, flops, "%v", each)
}

func TestPeersOf(t *testing.T) {
	require.Equal(t, bench.PeerNames, bench.PeersOf("amd64"))
	require.Equal(t, []string{"torch", "torch-compile", "onnxruntime"}, bench.PeersOf("arm64"))
}
