package train_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

func example(step int) *train.Checkpoint {
	return &train.Checkpoint{
		Step: step, Epoch: 2.5, Options: json.RawMessage(`{"rate":0.001}`), Data: "4 samples, 00",
		Best: &train.Best{Step: 10, Metric: "top1", Value: 0.5},
		Tensors: []train.Tensor{
			{Name: "weight/head.weight", Shape: []int{2, 2}, Data: []float32{1, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(step)}},
			{Name: "m/head.weight", Shape: []int{2, 2}, Data: []float32{1e-40, 2, 3, 4}},
		},
	}
}

// files lists a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestCheckpoint: what is read is what was written, and only the last two and the best stay.
func TestCheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	_, _, err := train.LoadLast(dir)
	require.ErrorIs(t, err, train.ErrNoCheckpoint)
	for _, step := range []int{5, 10, 15, 20, 25} {
		require.NoError(t, example(step).Save(dir))
	}
	require.Equal(t, []string{
		"step-000000010.json", "step-000000010.safetensors", "step-000000020.json", "step-000000020.safetensors", "step-000000025.json", "step-000000025.safetensors",
	}, files(t, dir))
	c, damaged, err := train.LoadLast(dir)
	require.NoError(t, err)
	require.Empty(t, damaged)
	want := example(25)
	want.Tensors[0], want.Tensors[1] = want.Tensors[1], want.Tensors[0] // by name
	want.SHA256 = c.SHA256
	require.Equal(t, want, c)
	require.Equal(t, math.Float32bits(want.Tensors[1].Data[1]), math.Float32bits(c.Tensors[1].Data[1]))
}

// TestDamagedCheckpoint: any changed or missing byte is found, named, and the one before is taken.
func TestDamagedCheckpoint(t *testing.T) {
	for _, ext := range []string{".json", ".safetensors"} {
		dir := t.TempDir()
		require.NoError(t, example(1).Save(dir))
		require.NoError(t, example(2).Save(dir))
		path := filepath.Join(dir, "step-000000002"+ext)
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		for i := 0; i < len(whole); i += 3 {
			bad := append([]byte(nil), whole...)
			bad[i] ^= 0x11
			require.NoError(t, os.WriteFile(path, bad, 0o644))
			c, damaged, err := train.LoadLast(dir)
			require.NoError(t, err)
			if len(damaged) == 0 { // a byte of the envelope's own spelling, or padding, which says nothing
				require.Equal(t, 2, c.Step)
				want := example(2)
				require.Equal(t, want.Tensors[0].Data, c.Tensors[1].Data)
				continue
			}
			require.Equal(t, 1, c.Step)
			require.ErrorContains(t, damaged[0], "step-000000002", "byte %d", i)
			require.NotContains(t, damaged[0].Error(), "the program that wrote", "byte %d", i)
		}
		for _, n := range []int{0, 1, len(whole) / 2, len(whole) - 1} {
			require.NoError(t, os.WriteFile(path, whole[:n], 0o644))
			c, damaged, err := train.LoadLast(dir)
			require.NoError(t, err)
			if ext == ".json" && n == len(whole)-1 { // the last newline
				continue
			}
			require.Equal(t, 1, c.Step, n)
			require.ErrorContains(t, damaged[0], path)
		}
		require.NoError(t, os.Remove(path))
		c, _, err := train.LoadLast(dir)
		require.NoError(t, err)
		require.Equal(t, 1, c.Step)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "step-000000001"+ext), []byte("{"), 0o644))
		_, damaged, err := train.LoadLast(dir)
		require.ErrorContains(t, err, "is whole: begin anew in another folder; the last: ")
		require.NotEmpty(t, damaged)
	}
}

func TestDifferences(t *testing.T) {
	lines, err := train.Differences(
		json.RawMessage(`{"seed": 1, "optim": {"rate": 0.001, "clip": 1}, "head": {"kind": "linear"}}`),
		json.RawMessage(`{"seed": 1, "optim": {"rate": 0.01, "ema": 0.9}, "head": {"kind": "linear"}}`))
	require.NoError(t, err)
	require.Equal(t, []string{"optim.clip was 1, is not set", "optim.ema was not set, is 0.9", "optim.rate was 0.001, is 0.01"}, lines)
	_, err = train.Differences(json.RawMessage(`[]`), json.RawMessage(`{}`))
	require.ErrorContains(t, err, "options are no JSON object")
}

func TestDataSum(t *testing.T) {
	sum := func(labels ...int) string {
		return train.DataSum(func(add func(...any)) {
			for i, l := range labels {
				add(i, l)
			}
		})
	}
	require.Equal(t, sum(1, 2), sum(1, 2))
	require.NotEqual(t, sum(1, 2), sum(2, 1))
	require.Contains(t, sum(1, 2), "2 samples, ")
}
