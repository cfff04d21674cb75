package cuda_test

import (
	"testing"

	"cradio/cpu/machine"
	"cradio/cuda"
	"cradio/cuda/internal/emulated"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// GPUs have every operation of the CPU.
func TestOperations(t *testing.T) {
	d := open(t, emulated.New(1<<20), cuda.Options{})
	for _, op := range machine.Operations() {
		require.True(t, d.Implements(op, tensor.Float32), "%T", op)
	}
}
