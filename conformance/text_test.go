package conformance_test

import (
	"flag"
	"testing"

	"cradio/conformance"

	"github.com/stretchr/testify/require"
)

// texts is the folder that the script make.py of the references for texts writes. Another seed:
//
//	python make.py nano checkpoints zeroshot --seed TEXT --out DIR
//	go test ./conformance -run Text -texts DIR
var texts = flag.String("texts", "text", "folder of references for texts")

// text runs cases, and prints the report.
func text(t *testing.T, opt conformance.Options) *conformance.TrainingReport {
	t.Helper()
	s, ok, err := conformance.OpenText(*texts)
	require.NoError(t, err)
	require.True(t, ok, "%s has no references for texts", *texts)
	return reported(t, s, opt)
}

// Towers, small and in full size, zero-shot scores, ids and every layout of checkpoints keep their
// marks.
func TestText(t *testing.T) {
	r := text(t, conformance.Options{})
	bundles := map[string]bool{}
	for _, x := range r.Tensors {
		bundles[x.Bundle] = true
	}
	if *texts == "text" {
		require.Len(t, bundles, 8+2+2+10+1, "small towers, full ones, zero-shot cases, checkpoints, tokens")
		require.Len(t, r.NotRun, 1, "siglip2-g, without --full")
	}
}

// Beside autocast.
func TestTextBFloat16(t *testing.T) {
	text(t, conformance.Options{DType: "bfloat16"})
}

// The same small towers on Gorgonia's TapeMachine.
func TestTextOnTape(t *testing.T) {
	text(t, conformance.Options{Machine: conformance.Tape, Filter: "text/nano/"})
}
