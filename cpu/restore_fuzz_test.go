package cpu_test

import (
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// FuzzRestore: whatever the sections of a file hold, a weight is restored of which products read
// nothing beyond them, or there is an error.
func FuzzRestore(f *testing.F) {
	p := cpu.NewPool(1)
	f.Cleanup(p.Close)
	f.Add(uint8(3), uint8(5), uint8(cpu.Dense), false, make([]byte, 64))
	for _, form := range []cpu.Form{cpu.Dense, cpu.BFloat16, cpu.Int8} {
		const rows, cols = 3, 5
		var packed cpu.Packed = cpu.PackLowPrecision(p, make([]float32, rows*cols), rows, cols, form)
		if form == cpu.Dense {
			packed = cpu.Pack(p, make([]float32, rows*cols), rows, cols)
		}
		for _, s := range packed.Sections() {
			f.Add(uint8(rows), uint8(cols), uint8(form), true, s.Data)
		}
	}
	f.Fuzz(func(t *testing.T, rows, cols, form uint8, split bool, data []byte) {
		data = line(data)
		packed, err := cpu.Restore(p, cpu.Form(form), int(rows), int(cols), func(name string) []byte {
			if name == "panels" && split {
				return nil
			}
			return data
		})
		if err != nil {
			require.Nil(t, packed)
			return
		}
		restored, m, n := packed.Form()
		require.Equal(t, []any{cpu.Form(form), int(rows), int(cols)}, []any{restored, m, n})
		for _, s := range packed.Sections() {
			require.LessOrEqual(t, len(s.Data), len(data))
		}
		if w, ok := packed.(*cpu.Matrix[float32]); ok {
			op := cpu.Linear[float32]{X: make([]float32, 2*n), Y: make([]float32, 2*m), W: w, Rows: 2}
			require.NoError(t, op.Check())
			op.Run(p)
		}
	})
}
