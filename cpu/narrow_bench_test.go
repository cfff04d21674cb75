package cpu

import (
	"fmt"
	"testing"
)

// benchmarkNarrow converts filled activations, in the precision's own form.
func benchmarkNarrow(p Precision, rows, cols int) *Narrow {
	n := newNarrow(p, rows, cols)
	(&Convert{Y: n, X: filled(rows * cols)}).Run(Default())
	return n
}

// The ceiling is 2 of the float32 peak for BFloat16 by pairs, and 4 for Int8 by
// fours. Outputs are those of a transformer's block: bfloat16 for qkv and fc1, the
// float32 residual stream for proj and fc2.
func BenchmarkNarrowLinear(b *testing.B) {
	for _, p := range []Precision{BFloat16, Int8} {
		for _, m := range models[:2] {
			for _, t := range append(m.tokens, 8*m.tokens[0]) {
				for _, l := range []struct {
					name    string
					out, in int
				}{{"qkv", 3 * m.dim, m.dim}, {"proj", m.dim, m.dim}, {"fc1", 4 * m.dim, m.dim}, {"fc2", m.dim, 4 * m.dim}} {
					b.Run(fmt.Sprintf("%v/%s/%d/%s", p, m.name, t, l.name), func(b *testing.B) {
						op := &NarrowLinear{
							X: benchmarkNarrow(p, t, l.in), W: PackNarrow(filled(l.out*l.in), l.out, l.in, p),
							Bias: filled(l.out), Rows: t, GELU: l.name == "fc1",
						}
						if l.out == m.dim {
							op.Y = make([]float32, t*l.out)
							op.Residual, op.Scale = op.Y, filled(l.out)
						} else {
							op.NarrowY = newNarrow(BFloat16, t, l.out)
						}
						rounds(b, op, 2*float64(t)*float64(l.out)*float64(l.in))
					})
				}
			}
		}
	}
}

func BenchmarkPackNarrow(b *testing.B) {
	const out, in = 3072, 768
	w := filled(out * in)
	for _, p := range []Precision{BFloat16, Int8} {
		b.Run(p.String(), func(b *testing.B) {
			b.SetBytes(4 * out * in)
			for b.Loop() {
				PackNarrow(w, out, in, p)
			}
		})
	}
}
