package cpu

import (
	"fmt"
	"testing"
)

// converted is filled activations in a form.
func converted(p Form, rows, cols int) *Activations {
	n := newActivations(p, rows, cols)
	(&Convert{Y: n, X: filled(rows * cols)}).Run(Default())
	return n
}

// The ceiling is 2 of the float32 peak for BFloat16, and 4 for Int8, where a level has
// instructions for them. Outputs are those of a transformer's block: bfloat16 for qkv and fc1, the
// float32 residual stream for proj and fc2.
func BenchmarkLowPrecisionLinear(b *testing.B) {
	for _, p := range []Form{BFloat16, Int8} {
		for _, m := range models[:2] {
			for _, t := range append(m.tokens, 8*m.tokens[0]) {
				for _, l := range []struct {
					name    string
					out, in int
				}{{"qkv", 3 * m.dim, m.dim}, {"proj", m.dim, m.dim}, {"fc1", 4 * m.dim, m.dim}, {"fc2", m.dim, 4 * m.dim}} {
					b.Run(fmt.Sprintf("%v/%s/%d/%s", p, m.name, t, l.name), func(b *testing.B) {
						op := &LowPrecisionLinear{
							X: converted(p, t, l.in), W: PackLowPrecision(Default(), filled(l.out*l.in), l.out, l.in, p),
							Bias: filled(l.out), Rows: t, GELU: l.name == "fc1",
						}
						if l.out == m.dim {
							op.Y = make([]float32, t*l.out)
							op.Residual, op.Scale = op.Y, filled(l.out)
						} else {
							op.LowY = newActivations(BFloat16, t, l.out)
						}
						rounds(b, op, 2*float64(t)*float64(l.out)*float64(l.in))
					})
				}
			}
		}
	}
}

func BenchmarkPackLowPrecision(b *testing.B) {
	const out, in = 3072, 768
	w := filled(out * in)
	for _, p := range []Form{BFloat16, Int8} {
		b.Run(p.String(), func(b *testing.B) {
			b.SetBytes(4 * out * in)
			for b.Loop() {
				PackLowPrecision(Default(), w, out, in, p)
			}
		})
	}
}
