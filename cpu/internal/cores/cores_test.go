package cores

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChosen(t *testing.T) {
	require.Equal(t, 4, chosen(8, false, 4))
	require.Equal(t, 2, chosen(2, false, 4), "a process that may use two")
	require.Equal(t, 8, chosen(8, true, 4), "GOMAXPROCS is set")
	require.Equal(t, 8, chosen(8, false, 0), "not known")
	require.Equal(t, 8, chosen(8, false, -1))
}

func TestDefault(t *testing.T) {
	require.GreaterOrEqual(t, Default(), 1)
	require.LessOrEqual(t, Default(), runtime.GOMAXPROCS(0))
	t.Setenv("GOMAXPROCS", "1") // the runtime has read it long ago
	require.Equal(t, runtime.GOMAXPROCS(0), Default())
}
