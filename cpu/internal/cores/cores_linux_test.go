package cores

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// machine is a folder as Linux has it, with the capacity of each core; "-" leaves it out.
func machine(t *testing.T, capacities ...string) string {
	t.Helper()
	folder := t.TempDir()
	for i, c := range capacities {
		core := filepath.Join(folder, fmt.Sprintf("cpu%d", i))
		require.NoError(t, os.Mkdir(core, 0o700))
		if c != "-" {
			require.NoError(t, os.WriteFile(filepath.Join(core, "cpu_capacity"), []byte(c), 0o600))
		}
	}
	return folder
}

func TestFastCores(t *testing.T) {
	for name, m := range map[string]struct {
		capacities string // of each core
		want       int
	}{
		"big.LITTLE":             {"380 380 380 380 1024 1024", 2},
		"three sizes":            {"250 250 250 250 760 760 760 1024", 4},
		"little ones last":       {"1024 1024 512 511", 3},
		"one size":               {"1024 1024 1024 1024", 4},
		"not known":              {"- - - -", 0},
		"not known of one":       {"1024 - 380", 0},
		"not a number":           {"1024 fast", 0},
		"negative":               {"1024 -380", 0},
		"nothing":                {"1024 0", 0},
		"more than 31 bits":      {"1024 4294967297", 0},
		"far more than 64 bits":  {"1024 " + strings.Repeat("9", 100), 0},
		"no cores at all":        {"", 0},
		"a number with newlines": {"1024\n 380\n", 1},
	} {
		folder := machine(t, strings.FieldsFunc(m.capacities, func(r rune) bool { return r == ' ' })...)
		count := strings.Count(m.capacities, " ") + 1
		if m.capacities == "" {
			count = 0
		}
		require.Equal(t, m.want, fastIn(folder, 64, func(core int) bool { return core < count }), name)
	}
}

// A process that may use small cores alone takes all of them.
func TestFastCoresOfAProcess(t *testing.T) {
	folder := machine(t, "380", "380", "1024", "1024")
	require.Equal(t, 2, fastIn(folder, 4, func(core int) bool { return core < 2 }))
	require.Equal(t, 1, fastIn(folder, 4, func(core int) bool { return core%2 == 0 }))
	require.Zero(t, fastIn(folder, 4, func(int) bool { return false }))
	require.Zero(t, fastIn(filepath.Join(folder, "none"), 4, func(int) bool { return true }))
	require.Zero(t, capacity(folder), "a folder")
}
