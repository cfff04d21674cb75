package eval_test

import (
	"flag"
	"strings"
	"testing"

	"cradio/conformance"

	_ "cradio/cpu/machine"

	"github.com/stretchr/testify/require"
)

// references is the folder that conformance/reference/train/make_train.py writes. Another seed:
//
//	python make_train.py evaluate --seed anything --out DIR
//	go test ./radio/eval -references DIR
var references = flag.String("references", "../../conformance/train", "folder of references, with evaluate/ in it")

// TestReferences: neighbours, logistic regressions, probes and figures are those of scikit-learn,
// torchmetrics and PyTorch, by the marks of conformance/train/README.md. Package conformance compares.
func TestReferences(t *testing.T) {
	s, ok, err := conformance.OpenTraining(*references)
	require.NoError(t, err)
	require.True(t, ok, "%s has no references for training", *references)
	r, err := s.Run(t.Context(), conformance.Options{Filter: "evaluate/"})
	require.NoError(t, err)
	for _, f := range r.Failures {
		t.Error(f)
	}
	compared := map[string]int{}
	for _, x := range r.Tensors {
		compared[strings.TrimPrefix(x.Bundle, "evaluate/")]++
	}
	for _, name := range []string{"knn", "probe", "metrics"} {
		require.Greater(t, compared[name], 5, name)
	}
}
