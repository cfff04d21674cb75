package cpu_test

import (
	"bytes"
	"math"
	"testing"
	"unsafe"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// line is a copy of b in memory that begins a cache line, filled up to its end.
func line(b []byte) []byte {
	x := make([]byte, len(b)+128)
	skip := -int(uintptr(unsafe.Pointer(&x[0]))) & 63
	copy(x[skip:], b)
	return x[skip:][:(len(b)+63)/64*64]
}

// A packed weight that is restored over a copy of its sections has the same
// sections, at every level and precision; sections of a wrong size are refused.
func TestSectionsRestore(t *testing.T) {
	inUse, err := cpu.Choose()
	require.NoError(t, err)
	defer cpu.Use(inUse)
	const rows, cols = 37, 50
	w := make([]float32, rows*cols)
	for i := range w {
		w[i] = float32(math.Sin(float64(i)))
	}
	for _, level := range cpu.Levels() {
		require.NoError(t, cpu.Use(level))
		require.Contains(t, cpu.Layout(), level.String())
		for _, p := range []cpu.Precision{cpu.Full, cpu.BFloat16, cpu.Int8} {
			t.Run(level.String()+"/"+p.String(), func(t *testing.T) {
				var packed cpu.Packed = cpu.PackNarrow(w, rows, cols, p)
				if p == cpu.Full {
					packed = cpu.Pack(w, rows, cols)
				}
				form, m, n := packed.Form()
				require.Equal(t, []any{p, rows, cols}, []any{form, m, n})
				sections := map[string][]byte{}
				for _, s := range packed.Sections() {
					sections[s.Name] = line(s.Data)
				}
				get := func(name string) []byte { return sections[name] }
				if len(sections) == 0 {
					require.Zero(t, packed.Bytes())
					_, err := cpu.Restore(p, rows, cols, get)
					require.ErrorContains(t, err, "there is nothing to restore")
					return
				}
				restored, err := cpu.Restore(p, rows, cols, get)
				require.NoError(t, err)
				require.Equal(t, packed.Bytes(), restored.Bytes())
				for i, s := range packed.Sections() {
					again := restored.Sections()[i]
					require.Equal(t, s.Name, again.Name)
					require.True(t, bytes.Equal(s.Data, again.Data))
				}
				for name, data := range sections {
					for what, wrong := range map[string][]byte{"missing": nil, "short": data[:len(data)-64], "long": line(append(bytes.Clone(data), 1))} {
						_, err := cpu.Restore(p, rows, cols, func(n string) []byte {
							if n == name {
								return wrong
							}
							return sections[n]
						})
						require.ErrorContains(t, err, "section "+name, what)
					}
				}
				for _, shape := range [][2]int{{-1, cols}, {math.MaxInt, math.MaxInt}, {0, 0}, {rows, 0}} {
					_, err := cpu.Restore(p, shape[0], shape[1], get)
					require.Error(t, err)
				}
			})
		}
	}
	_, err = cpu.Restore(9, rows, cols, nil)
	require.ErrorContains(t, err, "there are no packed weights of this precision")
}
