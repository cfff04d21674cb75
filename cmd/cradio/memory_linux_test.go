//go:build !race

package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPeakMemory: what `cradio embed` holds is the packed weights, the arena and a
// fixed part, though the weights pass by in float32. The fixed part is 25 MB; the
// bound is generous, and still far from holding the weights twice.
func TestPeakMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("packs a full-size model")
	}
	args := []string{"--model", "synthetic:B", "--dtype", "bfloat16", "--size", "64"}
	o := cradio(append([]string{"info", "--json"}, args...)...)
	o.succeeds(t)
	var info infoReport
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &info))

	// The process tells its own peak. What the kernel tells of it (ru_maxrss) is at least that of the process that
	// started it: of all tests before this one.
	status := filepath.Join(t.TempDir(), "status")
	cmd := child(append([]string{"embed", picture("rgba.png")}, args...)...)
	cmd.Env = append(cmd.Env, statusVariable+"="+status)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	_, line, found := strings.Cut(string(read(t, status)), "VmHWM:")
	require.True(t, found)
	peak, err := strconv.ParseInt(strings.Fields(line)[0], 10, 64)
	require.NoError(t, err)
	peak <<= 10
	const fixed = 100 << 20
	require.Greater(t, info.Cost.Weights-fixed, 200<<20, "the weights themselves would not fit in the bound")
	require.Less(t, peak, int64(info.Cost.Packed+info.Cost.Arena+fixed))
	t.Logf("peak %d MB, of which packed weights %d MB", peak/1e6, info.Cost.Packed/1e6)
}
