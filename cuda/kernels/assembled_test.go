package kernels_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// assembled.txt, which assemble.sh makes, has every kernel for every architecture; none spills registers
// to memory, and a block of each fits a multiprocessor.
func TestAssembled(t *testing.T) {
	text, err := os.ReadFile("assembled.txt")
	require.NoError(t, err)
	targets := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Fields(line)
		require.Len(t, f, 6, line)
		var n [3]int
		for i := range n {
			n[i], err = strconv.Atoi(f[3+i])
			require.NoError(t, err, line)
		}
		registers, spilled, shared := n[0], n[1], n[2]
		require.LessOrEqual(t, registers, 255, line)
		require.Zero(t, spilled, line)
		require.LessOrEqual(t, shared, 48<<10, line)
		targets[f[0]+" "+f[1]]++
	}
	for _, m := range kernels.Modules() {
		for _, k := range m.Kernels {
			want := 6
			if strings.HasSuffix(m.Name, ".90a") {
				want = 1
			}
			require.GreaterOrEqual(t, targets[m.Name+" "+k], want, "%s: make assembled.txt anew with assemble.sh", k)
			delete(targets, m.Name+" "+k)
		}
	}
	require.Empty(t, targets, "kernels that are no more")
}
