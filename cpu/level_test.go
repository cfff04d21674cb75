package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseLevel(t *testing.T) {
	have := Levels()
	require.Equal(t, Plain, have[0])
	best, err := parseLevel("")
	require.NoError(t, err)
	require.Equal(t, have[len(have)-1], best)
	for _, l := range have {
		for _, name := range []string{l.String(), "PLAIN"} {
			got, err := parseLevel(name)
			require.NoError(t, err)
			if name == l.String() {
				require.Equal(t, l, got)
			}
		}
	}
	got, err := parseLevel("mmx")
	require.ErrorContains(t, err, "CRADIO_CPU=mmx: no such level; the levels are plain")
	require.Equal(t, Plain, got)
	require.Equal(t, "Level(99)", Level(99).String())
	require.Contains(t, Describe(), "level ")
}
