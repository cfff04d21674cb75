package cuda_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata")

// hopper describes an H100 or H200: launches depend on the number of multiprocessors.
type hopper struct{ *emulated.Driver }

func (hopper) Describe() cuda.Description {
	return cuda.Description{Name: "an H200, of which only the description is here", Architecture: 90, Multiprocessors: 132}
}

func init() {
	graph.Register(graph.Registration{Name: "cuda-plan", Open: func(o graph.DeviceOptions) (graph.Device, error) {
		return cuda.New(cuda.Options{Driver: hopper{emulated.New(1 << 20)}, Precision: o.Precision, Frozen: o.Frozen})
	}})
}

// The launches of the published models on an H200 are recorded, so that a change shows in the
// diff: go test ./cuda -run Launches -update. Nothing is launched here.
func TestLaunches(t *testing.T) {
	for _, size := range []string{"B", "L", "H", "g"} {
		t.Run(size, func(t *testing.T) {
			var b strings.Builder
			m, err := radio.Open(context.Background(), "synthetic:"+size, radio.Options{Device: "cuda-plan", DType: radio.BFloat16})
			require.NoError(t, err)
			defer m.Close()
			for _, side := range []int{224, 432} {
				for _, batch := range []int{1, 8, 64} {
					p, err := m.Plan(batch, side, side, radio.Request{})
					require.NoError(t, err)
					list, err := m.Device().(*cuda.Device).Launches(p)
					require.NoError(t, err)
					fmt.Fprintf(&b, "%s, bfloat16, %d×%d, batch %d\n%s\n", size, side, side, batch, list)
				}
			}
			path := filepath.Join("testdata", "launches-"+size+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), b.String())
		})
	}
}
