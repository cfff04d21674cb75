package cuda_test

import (
	"context"
	"strings"
	"testing"

	"cradio/conformance"

	"github.com/stretchr/testify/require"
)

// The references for training are within the limits of the CPU's fast path, on the emulator: steps of
// finetune/nano and lora, traces of optimisers, losses, norms and heads. Those that need no device are left
// out.
func TestTraining(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	needDevice(t)
	s, ok, err := conformance.OpenTraining("../conformance")
	require.NoError(t, err)
	require.True(t, ok)
	for _, group := range []string{"finetune/", "heads/", "lora/", "losses/", "norms/", "optim/"} {
		t.Run(strings.TrimSuffix(group, "/"), func(t *testing.T) {
			r, err := s.Run(context.Background(), conformance.Options{Filter: "train/" + group, Machine: "cuda", Small: -1})
			require.NoError(t, err)
			var text strings.Builder
			require.NoError(t, r.Write(&text, 8))
			t.Log("\n" + text.String())
			require.Empty(t, r.NotRun)
			for _, f := range r.Failures {
				t.Error(f)
			}
		})
	}
}
