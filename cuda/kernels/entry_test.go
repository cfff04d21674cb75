package kernels_test

import (
	"slices"
	"strings"
	"testing"

	"cradio/cuda/internal/ptxsim"
	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// A kernel's PTX has that kernel as its module has it, and no other.
func TestKernel(t *testing.T) {
	var all []string
	for _, m := range kernels.Modules() {
		require.NotEmpty(t, m.Kernels, m.Name)
		whole, err := kernels.PTX(m.Name)
		require.NoError(t, err)
		bodies := 0
		for _, name := range m.Kernels {
			text, err := kernels.Kernel(name)
			require.NoError(t, err)
			found, err := ptxsim.Parse(text)
			require.NoError(t, err, name)
			require.Len(t, found.Kernels, 1)
			require.Contains(t, found.Kernels, name)
			declared, _, _ := strings.Cut(text, ".visible")
			require.True(t, strings.HasPrefix(whole, declared))
			require.Contains(t, whole, text[len(declared):])
			bodies += len(text) - len(declared)
		}
		declared, _, _ := strings.Cut(whole, ".visible")
		require.Equal(t, len(whole), len(declared)+bodies, "%s: nothing is between kernels, or after them", m.Name)
		all = append(all, m.Kernels...)
	}
	slices.Sort(all)
	require.Equal(t, len(all), len(slices.Compact(all)), "two kernels have one name")
	for _, name := range []string{"", "linear", all[0] + "("} {
		_, err := kernels.Kernel(name)
		require.ErrorContains(t, err, "there is no kernel \""+name+"\"")
	}
}
