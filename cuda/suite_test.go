package cuda_test

import (
	"testing"

	"cradio/cuda"
	"cradio/graph"
	"cradio/graph/graphtest"

	_ "cradio/cpu/machine" // defines the operations

	"github.com/stretchr/testify/require"
)

// The device passes the suite of devices in each precision, on the emulator. What it lacks is
// skipped, and named in the log.
func TestSuite(t *testing.T) {
	for _, p := range []graph.Precision{graph.Full, graph.TF32, graph.BFloat16} {
		for _, frozen := range []bool{false, true} {
			if p == graph.TF32 && !frozen {
				continue // the same kernels run
			}
			name := string(p)
			if frozen {
				name += " frozen"
			}
			t.Run(name, func(t *testing.T) {
				driver, nothingLeft := openDriver(t)
				d, err := cuda.New(cuda.Options{Driver: driver, Precision: p, Frozen: frozen})
				require.NoError(t, err)
				graphtest.Run(t, d)
				require.NoError(t, d.Close())
				nothingLeft(t)
			})
		}
	}
}
