package conformance_test

import (
	"context"
	"encoding/json"
	"testing"

	"cradio/conformance"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// The suite can fail: even the smallest common mistakes in ports of this model exceed the limits
// by far.
func TestMistakesAreCaught(t *testing.T) {
	s, err := conformance.Open(".")
	require.NoError(t, err)
	no := false
	r, err := s.Run(context.Background(), conformance.Options{Filter: "nano/base-48x96", AlignCorners: &no})
	require.NoError(t, err)
	require.ErrorIs(t, r.Err(), conformance.ErrExceeded)
	require.Greater(t, r.Worst(), 1000.0)
	for _, f := range r.Failures {
		require.NotContains(t, f.Bundle, "noalign", "these are right")
		require.NotContains(t, []string{"conditioned", "patches"}, f.Name, "these come before the position table")
	}

	mistakes := map[string]func(config map[string]any){
		"a register too many":    func(c map[string]any) { args(c)["cpe_num_registers"] = 5 },
		"a final norm":           func(c map[string]any) { args(c)["model_norm"] = true },
		"scaled norms":           func(c map[string]any) { kwargs(c)["scaled_ln"] = true },
		"heads of another width": func(c map[string]any) { kwargs(c)["num_heads"] = 4 },
		"LayerScale":             func(c map[string]any) { kwargs(c)["init_values"] = 1e-5 },
		"summary of two teachers": func(c map[string]any) {
			args(c)["teachers"].([]any)[0].(map[string]any)["use_summary"] = false
		},
	}
	for name, change := range mistakes {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, "nano/base-16x16", func(b *bundle) {
				var config map[string]any
				require.NoError(t, json.Unmarshal([]byte(b.meta["config"]), &config))
				change(config)
				text, err := json.Marshal(config)
				require.NoError(t, err)
				b.meta["config"] = string(text)
			})
			r := runFolder(t, dir)
			require.ErrorIs(t, r.Err(), conformance.ErrExceeded)
			require.NotEmpty(t, r.Failures)
		})
	}
}

func args(c map[string]any) map[string]any   { return c["args"].(map[string]any) }
func kwargs(c map[string]any) map[string]any { return args(c)["model_kwargs"].(map[string]any) }

func runFolder(t *testing.T, dir string) *conformance.Report {
	t.Helper()
	s, err := conformance.Open(dir)
	require.NoError(t, err)
	r, err := s.Run(context.Background(), conformance.Options{})
	require.NoError(t, err)
	return r
}

// A bundle of a real checkpoint needs that checkpoint, and is compared with it.
func TestModel(t *testing.T) {
	dir := copyOf(t, "nano/adaptors-48x96", func(b *bundle) {
		b.meta["synthetic"] = "false"
		b.meta["seed"] = `"which would be wrong"`
	})
	s, err := conformance.Open(dir)
	require.NoError(t, err)
	_, err = s.Run(context.Background(), conformance.Options{})
	require.ErrorIs(t, err, conformance.ErrNothing)
	require.ErrorContains(t, err, "give it with --model")
	check(t, dir, conformance.Options{Model: "checkpoints/hub"})
	r, err := s.Run(context.Background(), conformance.Options{Model: "checkpoints/torchhub/nano.pth.tar"})
	require.NoError(t, err)
	require.NoError(t, r.Err())
	require.Equal(t, "torch hub", r.Checkpoints[0].Layout)

	r, err = s.Run(context.Background(), conformance.Options{Model: "checkpoints/hub-bfloat16", DType: radio.Float64})
	require.NoError(t, err)
	require.ErrorIs(t, r.Err(), conformance.ErrExceeded, "these weights are rounded")
}
