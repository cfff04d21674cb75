package conformance_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"cradio/conformance"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

var full = flag.Bool("full", false, "run every bundle of full/, not only the smallest")

// open opens the project's own bundles.
func open(t testing.TB) *conformance.Suite {
	t.Helper()
	s, err := conformance.Open(".")
	require.NoError(t, err)
	return s
}

// check runs the bundles of a filter, and prints the outcome.
func check(t *testing.T, s *conformance.Suite, opt conformance.Options) *conformance.Report {
	t.Helper()
	r, err := s.Run(context.Background(), opt)
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, r.Write(&text, 3))
	t.Log("\n" + text.String())
	for _, f := range r.Failures {
		t.Error(f)
	}
	return r
}

func TestNano(t *testing.T) {
	r := check(t, open(t), conformance.Options{Filter: "nano/"})
	require.Greater(t, len(r.Tensors), 800)
	require.Empty(t, r.Skipped)
}

// Float64 shows that the model is right but for rounding: what is left is the
// rounding of the truth to float32.
func TestNanoInFloat64(t *testing.T) {
	r := check(t, open(t), conformance.Options{Filter: "nano/", DType: radio.Float64})
	require.LessOrEqual(t, r.Worst(), 1.0)
}

func TestCheckpoints(t *testing.T) {
	r := check(t, open(t), conformance.Options{Filter: "checkpoints/"})
	seen := map[string]bool{}
	for _, x := range r.Tensors {
		seen[x.Bundle] = true
	}
	for _, name := range []string{"hub", "hub-sharded", "vlm-prefix", "hub-bfloat16", "hub-float16"} {
		require.True(t, seen["checkpoints/"+name], name)
	}
}

func TestPictures(t *testing.T) {
	r := check(t, open(t), conformance.Options{Filter: "images/"})
	require.Len(t, r.Pictures, 72)
}

func TestFull(t *testing.T) {
	opt := conformance.Options{Filter: "full/B-224x224"}
	if *full {
		opt = conformance.Options{Filter: "full/", Large: true}
	} else if testing.Short() {
		t.Skip("takes seconds")
	}
	r := check(t, open(t), opt)
	require.NotEmpty(t, r.Tensors)
}

// The manifest and the folder agree: nothing was left out.
func TestEveryBundleIsThere(t *testing.T) {
	s := open(t)
	for _, b := range s.Bundles {
		if b.Large {
			require.Contains(t, b.Name, "full/")
		}
	}
	require.Greater(t, len(s.Bundles), 45)
	_, err := os.Stat("MANIFEST.json")
	require.NoError(t, err)
}
