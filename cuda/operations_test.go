package cuda_test

import (
	"fmt"
	"strings"
	"testing"

	"cradio/cpu/machine"
	"cradio/cuda"
	"cradio/cuda/internal/emulated"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// lacking has the operations of the CPU that GPUs do not have, and why.
var lacking = map[string]string{
	"graph.ResizedCrossEntropyWithGrad": "a loss with its gradient: apart, they take as long but for one exp of six",
	"graph.Cut":                         "of a loss with its gradient",
}

// GPUs have every operation of the CPU but those that are named above.
func TestOperations(t *testing.T) {
	d := open(t, emulated.New(1<<20), cuda.Options{})
	seen := map[string]bool{}
	for _, op := range machine.Operations() {
		name := strings.ReplaceAll(fmt.Sprintf("%T", op), "cradio/", "")
		seen[name] = true
		require.Equal(t, lacking[name] == "", d.Implements(op, tensor.Float32), "%s: %s", name, lacking[name])
	}
	for name := range lacking {
		require.True(t, seen[name], "the CPU has no %s", name)
	}
}
