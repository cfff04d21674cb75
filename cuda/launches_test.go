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
	"cradio/graph"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata")

// plans are GPUs of which there is a description alone, by the names of devices.
var plans = map[string]cuda.Description{}

func init() {
	for _, gpu := range []string{"A100", "H200"} {
		about, err := cuda.Describe(gpu)
		if err != nil {
			panic(err)
		}
		name := "cuda-plan-" + gpu
		plans[name] = about
		graph.Register(graph.Registration{Name: name, Open: func(o graph.DeviceOptions) (graph.Device, error) {
			return cuda.Planned(about, cuda.Options{Precision: o.Precision, Frozen: o.Frozen})
		}})
	}
}

// The launches of the published models on an A100 and an H200 are recorded, so that a change shows in the
// diff: go test ./cuda -run Launches -update. Nothing is launched here.
func TestLaunches(t *testing.T) {
	for device, about := range plans {
		for _, size := range []string{"B", "L", "H", "g"} {
			t.Run(fmt.Sprintf("%d/%s", about.Architecture, size), func(t *testing.T) { launches(t, device, size, about.Architecture) })
		}
	}
}

func launches(t *testing.T, device, size string, architecture int) {
	var b strings.Builder
	m, err := radio.Open(context.Background(), "synthetic:"+size, radio.Options{Device: device, DType: radio.BFloat16})
	require.NoError(t, err)
	defer m.Close()
	for _, side := range []int{224, 432} {
		for _, batch := range []int{1, 8, 64} {
			p, err := m.Plan(batch, side, side, radio.Request{})
			require.NoError(t, err)
			list, err := m.Device().(*cuda.Device).Launches(p)
			require.NoError(t, err)
			list, legend, _ := strings.Cut(list, "threads, shared: ")
			require.NotEmpty(t, legend)
			fmt.Fprintf(&b, "%s, bfloat16, %d×%d, batch %d\n%s\n", size, side, side, batch, list)
		}
	}
	path := filepath.Join("testdata", fmt.Sprintf("launches-%d-%s.txt", architecture, size))
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}
