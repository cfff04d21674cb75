package cuda_test

import (
	"context"
	"flag"
	"strings"
	"testing"

	"cradio/conformance"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// few is how many tokens a tensor has, at most, whose error is a single draw: see
// conformance.MaxFewTokens. Nothing is computed in float64 here, so it holds in float32.
const few = 7

// Every nano bundle is within the limits of the fast path, on the emulator: forward passes,
// intermediates, windows and gradients, in float32 and bfloat16.
func TestNano(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	for _, dtype := range []radio.DType{radio.Float32, radio.BFloat16} {
		t.Run(string(dtype), func(t *testing.T) { conform(t, "cuda", dtype, "nano/", 800) })
	}
	t.Run("tf32", func(t *testing.T) { conform(t, "cuda", radio.TF32, "nano/base", 100) })
}

// The same with the kernels for Hopper.
func TestNanoOnHopper(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	conform(t, onHopper(t), radio.BFloat16, "nano/", 800)
}

var full = flag.Bool("full", false, "run B at 224 px, which takes minutes")

func TestFull(t *testing.T) {
	if !*full {
		t.Skip("takes minutes: give -full")
	}
	conform(t, "cuda", radio.BFloat16, "full/B-224x224", 1)
}

// PyTorch's errors in TF32 are estimated from those under autocast: Bundle.tf32Errors.
func TestFullTF32(t *testing.T) {
	if !*full {
		t.Skip("takes minutes: give -full")
	}
	conform(t, "cuda", radio.TF32, "full/B-224x224", 1)
}

func TestFullOnHopper(t *testing.T) {
	if !*full {
		t.Skip("takes minutes: give -full")
	}
	conform(t, onHopper(t), radio.BFloat16, "full/B-224x224", 1)
}

// conform requires that at least so many tensors of the bundles that match a filter are within the
// limits.
func conform(t *testing.T, device string, dtype radio.DType, filter string, least int) {
	needDevice(t)
	s, err := conformance.Open("../conformance")
	require.NoError(t, err)
	r, err := s.Run(context.Background(), conformance.Options{Filter: filter, DType: dtype, Machine: conformance.MachineName(device), Small: -1})
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, r.Write(&text, 2))
	t.Log("\n" + text.String())
	within := map[[2]string]bool{}
	for _, x := range r.Tensors {
		if strings.HasSuffix(x.Bundle, "-grad") && x.Baseline == nil {
			continue // a loss, or gradients under autocast that were not recorded
		}
		require.NotNil(t, x.Baseline, "%s %s", x.Bundle, x.Name)
		limit := conformance.MaxRatio
		if dtype == radio.Float32 && x.Tokens <= few {
			limit = conformance.MaxFewTokens
		}
		within[[2]string{x.Bundle, x.Name}] = x.Ratio <= limit
	}
	require.GreaterOrEqual(t, len(within), least)
	require.LessOrEqual(t, r.Geomean(), conformance.MaxMean)
	for _, f := range r.Failures {
		if !within[[2]string{f.Bundle, f.Name}] {
			t.Error(f)
		}
	}
}
