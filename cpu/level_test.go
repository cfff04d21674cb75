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
	require.ErrorContains(t, Use(Level(99)), "Level(99): this machine does not support its instructions")
	for _, l := range Levels() {
		require.NoError(t, Use(l))
		got, err := Choose()
		require.NoError(t, err)
		require.Equal(t, l, got)
		require.Equal(t, l, Default().Level())
		require.Same(t, Default(), Default())
		require.Equal(t, l != Plain, Peak(Default()) > 0)
	}
}

// A pool has its level whatever that of Default is.
func TestNewPoolAt(t *testing.T) {
	_, err := NewPoolAt(Level(99), 1)
	require.ErrorContains(t, err, "Level(99): this machine does not support its instructions")
	for _, p := range everyPool(t) {
		again, err := NewPoolAt(p.Level(), 1)
		require.NoError(t, err)
		defer again.Close()
		require.Equal(t, p.Level(), again.Level())
		require.Equal(t, p.Layout(), again.Layout())
		require.Equal(t, p.Level() != Plain, Peak(again) > 0)
	}
}

// A weight packed for one level serves at any other.
func TestMatrixKeepsItsLevel(t *testing.T) {
	const rows, out, in = 9, 40, 65
	x, w := filled(rows*in), filled(out*in)
	results := map[Level][]float32{}
	pools := everyPool(t)
	for _, packer := range pools {
		m := Pack(packer, w, out, in)
		packed := packer.Level()
		require.Equal(t, packed != Plain, m.Bytes() >= 4*out*in)
		for _, p := range pools {
			op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: m, Rows: rows}
			require.NoError(t, op.Check())
			op.Run(p)
			if packed == Plain {
				results[p.Level()] = op.Y
				continue
			}
			if packed == AMX && p.Level() == Plain { // its tiles are for packed weights alone
				results[AMX] = op.Y
			}
			require.Equal(t, results[packed], op.Y, "packed for %v, run at %v", packed, p.Level())
		}
	}
}

// Resized tables have the bits of the plain level on every other.
func TestResizeTableLevels(t *testing.T) {
	pools := everyPool(t)
	for _, dim := range []int{1, 15, 16, 37, 768} {
		op := ResizeTable[float32]{X: filled(9 * 9 * dim), Grid: 9, Square: 14, H: 14, W: 11, Dim: dim}
		var want []float32
		for _, p := range pools {
			op.Y = make([]float32, 14*11*dim)
			op.Run(p)
			if p.Level() == Plain {
				want = op.Y
			}
			require.Equal(t, want, op.Y, "%v", p.Level())
		}
	}
}
