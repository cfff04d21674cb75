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

func TestUse(t *testing.T) {
	inUse, _ := Choose()
	defer Use(inUse)
	require.ErrorContains(t, Use(Level(7)), "Level(7): this machine does not support its instructions")
	for _, l := range Levels() {
		require.NoError(t, Use(l))
		got, err := Choose()
		require.NoError(t, err)
		require.Equal(t, l, got)
		require.Equal(t, l != Plain, Peak(Default()) > 0)
	}
}

// A weight packed for one level serves at any other.
func TestMatrixKeepsItsLevel(t *testing.T) {
	inUse, _ := Choose()
	defer Use(inUse)
	const rows, out, in = 9, 40, 65
	x, w := filled(rows*in), filled(out*in)
	results := map[Level][]float32{}
	for _, packed := range Levels() {
		require.NoError(t, Use(packed))
		m := Pack(Default(), w, out, in)
		require.Equal(t, packed != Plain, m.Bytes() >= 4*out*in)
		for _, l := range Levels() {
			require.NoError(t, Use(l))
			op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: m, Rows: rows}
			require.NoError(t, op.Check())
			op.Run(Default())
			if packed == Plain {
				results[l] = op.Y
				continue
			}
			if packed == AMX && l == Plain { // its tiles are for packed weights alone
				results[AMX] = op.Y
			}
			require.Equal(t, results[packed], op.Y, "packed for %v, run at %v", packed, l)
		}
	}
}

// Resized tables have the bits of the plain level on every other.
func TestResizeTableLevels(t *testing.T) {
	inUse, err := Choose()
	require.NoError(t, err)
	defer Use(inUse)
	for _, dim := range []int{1, 15, 16, 37, 768} {
		op := ResizeTable[float32]{X: filled(9 * 9 * dim), Grid: 9, Square: 14, H: 14, W: 11, Dim: dim}
		var want []float32
		for _, l := range Levels() {
			require.NoError(t, Use(l))
			op.Y = make([]float32, 14*11*dim)
			op.Run(Default())
			if l == Plain {
				want = op.Y
			}
			require.Equal(t, want, op.Y, "%v", l)
		}
	}
}
