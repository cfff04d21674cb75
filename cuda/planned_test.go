package cuda_test

import (
	"strings"
	"testing"

	"cradio/cuda"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

func TestDescribe(t *testing.T) {
	for name, want := range map[string]cuda.Description{
		"h200":     {Name: "H200", Architecture: 90, Multiprocessors: 132},
		"A100":     {Name: "A100", Architecture: 80, Multiprocessors: 108},
		"8.6:84":   {Name: "8.6:84", Architecture: 86, Multiprocessors: 84},
		"12.0:170": {Name: "12.0:170", Architecture: 120, Multiprocessors: 170},
	} {
		got, err := cuda.Describe(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, name := range []string{"", "H20", "9.0", "90:132", "9.0:0", "9.10:5", "-9.0:4", "9.0:132:1", "9.0:x", "9999999999.0:1"} {
		_, err := cuda.Describe(name)
		require.ErrorContains(t, err, "want one of "+strings.Join(cuda.KnownGPUs(), ", ")+", or a compute capability", name)
	}
}

// A program for a GPU that is not there lists its launches, and does not run.
func TestPlanned(t *testing.T) {
	about, err := cuda.Describe("A100")
	require.NoError(t, err)
	d, err := cuda.Planned(about, cuda.Options{Precision: graph.BFloat16, Frozen: true})
	require.NoError(t, err)
	m := newModel(t, d, graph.Target{})
	list, err := d.Launches(m.program)
	require.NoError(t, err)
	require.Contains(t, list, "attention_32")
	all, missing := d.PackedBytes(m.program)
	require.Equal(t, all, missing)
	_, err = graph.NewMachine(m.program)
	require.ErrorContains(t, err, "the GPU is only planned for: nothing runs on it")
	require.NoError(t, d.Close())
	about.Architecture = 52
	_, err = cuda.Planned(about, cuda.Options{})
	require.EqualError(t, err, "A100 has compute capability 5.2, and device cuda needs 6.0: choose device cpu")
}
