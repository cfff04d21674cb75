package conformance_test

import (
	"context"
	"flag"
	"strings"
	"testing"

	"cradio/conformance"

	"github.com/stretchr/testify/require"
)

// references is the folder that conformance/reference/train/make_train.py writes. Another seed:
//
//	python make_train.py --seed TEXT --out DIR
//	go test ./conformance -run Training -references DIR
var references = flag.String("references", "train", "folder of references for training")

// training runs cases, and prints the report.
func training(t *testing.T, opt conformance.Options) *conformance.TrainingReport {
	t.Helper()
	s, ok, err := conformance.OpenTraining(*references)
	require.NoError(t, err)
	require.True(t, ok, "%s has no references for training", *references)
	return reported(t, s, opt)
}

// reported runs cases of training or of texts, prints the report, and fails for each failure in it.
func reported(t *testing.T, s interface {
	Run(context.Context, conformance.Options) (*conformance.TrainingReport, error)
}, opt conformance.Options) *conformance.TrainingReport {
	t.Helper()
	r, err := s.Run(context.Background(), opt)
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, r.Write(&text, 8))
	t.Log("\n" + text.String())
	for _, f := range r.Failures {
		t.Error(f)
	}
	return r
}

// Every case that something computes keeps its marks, at every level of kernels, with and without
// fusion and operations in float64.
func TestTraining(t *testing.T) {
	levels(t, func(t *testing.T) { training(t, conformance.Options{}) })
}

// Without state, the same graphs run on Gorgonia's TapeMachine.
func TestTrainingOnTape(t *testing.T) {
	training(t, conformance.Options{Machine: conformance.Tape})
}

// The same graphs have the same bits on the TapeMachine as on the device without fusion: their errors
// are equal.
func TestTrainingBitsOnTape(t *testing.T) {
	type key struct{ bundle, name string }
	errors := func(opt conformance.Options, way string) map[key][]conformance.Error {
		all := map[key][]conformance.Error{} // a head is compared in two forms
		for _, x := range training(t, opt).Tensors {
			if k := (key{x.Bundle, x.Name}); x.Way == way && !strings.HasPrefix(x.Name, "buffer/") { // which is state
				all[k] = append(all[k], x.Ours)
			}
		}
		return all
	}
	unfused := errors(conformance.Options{}, "unfused")
	compared := 0
	for k, got := range errors(conformance.Options{Machine: conformance.Tape}, "unfused") {
		if want, ok := unfused[k]; ok { // else it needs no graph
			require.ElementsMatch(t, want, got, "%s %s", k.bundle, k.name)
			compared++
		}
	}
	require.Greater(t, compared, 130)
}
