package cpu_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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
	const rows, cols = 37, 50
	w := make([]float32, rows*cols)
	for i := range w {
		w[i] = float32(math.Sin(float64(i)))
	}
	for _, level := range cpu.Levels() {
		pool, err := cpu.NewPoolAt(level, 0)
		require.NoError(t, err)
		defer pool.Close()
		require.Contains(t, pool.Layout(), level.String())
		for _, p := range []cpu.Form{cpu.Dense, cpu.BFloat16, cpu.Int8} {
			t.Run(level.String()+"/"+p.String(), func(t *testing.T) {
				var packed cpu.Packed = cpu.PackLowPrecision(pool, w, rows, cols, p)
				if p == cpu.Dense {
					packed = cpu.Pack(pool, w, rows, cols)
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
					_, err := cpu.Restore(pool, p, rows, cols, get)
					require.ErrorContains(t, err, "there is nothing to restore")
					return
				}
				restored, err := cpu.Restore(pool, p, rows, cols, get)
				require.NoError(t, err)
				require.Equal(t, packed.Bytes(), restored.Bytes())
				for i, s := range packed.Sections() {
					again := restored.Sections()[i]
					require.Equal(t, s.Name, again.Name)
					require.True(t, bytes.Equal(s.Data, again.Data))
				}
				for name, data := range sections {
					for what, wrong := range map[string][]byte{"missing": nil, "short": data[:len(data)-64], "long": line(append(bytes.Clone(data), 1))} {
						_, err := cpu.Restore(pool, p, rows, cols, func(n string) []byte {
							if n == name {
								return wrong
							}
							return sections[n]
						})
						require.ErrorContains(t, err, "section "+name, what)
					}
				}
				for _, shape := range [][2]int{{-1, cols}, {math.MaxInt, math.MaxInt}, {0, 0}, {rows, 0}} {
					_, err := cpu.Restore(pool, p, shape[0], shape[1], get)
					require.Error(t, err)
				}
			})
		}
	}
	_, err := cpu.Restore(cpu.Default(), 9, rows, cols, nil)
	require.ErrorContains(t, err, "there are no packed weights of this precision")
}

// layoutSums are the first bytes of the SHA-256 of sections, by level and precision.
// Where one has to change, a pack that somebody has on disk is read wrongly from then
// on: raise its level's layoutVersion with it.
var layoutSums = map[string]string{
	"plain-v1/full": "e3b0c44298fc", "plain-v1/bfloat16": "a135d1b8ee28", "plain-v1/int8": "685e8e65e1ac",
	"portable-v2/full": "31468091b5fd", "portable-v2/bfloat16": "d4edbe6f6bae", "portable-v2/int8": "dbee50e0093d",
	"avx2-v2/full": "8a69c99894ff", "avx2-v2/bfloat16": "9902486a136d", "avx2-v2/int8": "c67ccd21a270",
	"avxvnni-v2/full": "8a69c99894ff", "avxvnni-v2/bfloat16": "9902486a136d", "avxvnni-v2/int8": "50e6f40019db",
	"avx512-v2/full": "d67d0379931c", "avx512-v2/bfloat16": "91dce0370696", "avx512-v2/int8": "9386d93243a1",
	"avx512bf16-v1/full": "d67d0379931c", "avx512bf16-v1/bfloat16": "3af79dc6d658", "avx512bf16-v1/int8": "769aeaadf26d",
	"avx512bf16-widened-v2/full": "d67d0379931c", "avx512bf16-widened-v2/bfloat16": "91dce0370696", "avx512bf16-widened-v2/int8": "769aeaadf26d",
	"amx-v1/full": "0c4588da095e", "amx-v1/bfloat16": "ac27a6c2989b", "amx-v1/int8": "c29ec0ed26fe",
}

func TestLayoutHasItsVersion(t *testing.T) {
	const rows, cols = 45, 100
	w := make([]float32, rows*cols)
	for i := range w {
		w[i] = float32(int32(uint32(i)*2654435761)>>8) / (1 << 23)
	}
	got, want := map[string]string{}, map[string]string{}
	for _, level := range cpu.Levels() {
		pool, err := cpu.NewPoolAt(level, 0)
		require.NoError(t, err)
		defer pool.Close()
		for _, p := range []cpu.Form{cpu.Dense, cpu.BFloat16, cpu.Int8} {
			var packed cpu.Packed = cpu.PackLowPrecision(pool, w, rows, cols, p)
			if p == cpu.Dense {
				packed = cpu.Pack(pool, w, rows, cols)
			}
			h := sha256.New()
			for _, s := range packed.Sections() {
				h.Write([]byte(s.Name))
				h.Write(s.Data)
			}
			name := pool.Layout() + "/" + p.String()
			got[name] = hex.EncodeToString(h.Sum(nil)[:6])
			want[name] = layoutSums[name]
		}
	}
	require.Equal(t, want, got)
}
