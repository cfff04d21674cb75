package cputest

import (
	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// newBFloat16 is a guarded matrix of NaN.
func newBFloat16(t *test, rows, cols int) *cpu.Activations {
	return newActivations(t, cpu.BFloat16, rows, cols)
}

// round writes x to m, row by row, and what that has become to x.
func round(m *cpu.Activations, x []float32) {
	for r := range m.Rows {
		row := x[r*m.Cols : (r+1)*m.Cols]
		m.Set(r, row)
		m.Get(r, 0, row)
	}
}

// readBack is an operation whose result is read from a matrix of low precision.
type readBack struct {
	Op
	from *cpu.Activations
	y    []float32
}

func (n readBack) Run(p *cpu.Pool) {
	n.Op.Run(p)
	for r := range n.from.Rows {
		n.from.Get(r, 0, n.y[r*n.from.Cols:(r+1)*n.from.Cols])
	}
}

// How far attention may be from its definition on the rounded operands, in
// roundings of float32: where weights are rounded to bfloat16 too, and where they
// are not; and what the rounding of the result adds.
const (
	weightsRounded = 1.6e-3 * 0x1p24
	weightsFloat   = 8
	resultRounded  = 1.25e-3 * 0x1p24
)

func attentionRoundings(t *test) float64 {
	if level := t.level; level == cpu.AVX512BF16 || level == cpu.AMX || level == cpu.BF16 {
		return weightsRounded
	}
	return weightsFloat
}

// lowPrecisionAttentionCase is an operation on rounded qkv, and what it should give.
func lowPrecisionAttentionCase(t *test, qkv []float32, batch, tokens, heads, d int) (*cpu.LowPrecisionAttention, []float64) {
	dim := heads * d
	op := &cpu.LowPrecisionAttention{
		QKV: newBFloat16(t, batch*tokens, 3*dim), Y: dirty[float32](from(t, 0), batch*tokens*dim),
		Batch: batch, Tokens: tokens, Dim: dim, Heads: heads,
	}
	round(op.QKV, qkv)
	return op, naiveAttention(float64s(qkv), batch, tokens, dim, heads)
}

func lowPrecisionAttention(t *test) {
	for _, c := range []struct{ batch, tokens, heads, d int }{
		{1, 1, 1, 16}, {1, 2, 2, 64}, {2, 13, 3, 16}, {1, 16, 1, 48}, {1, 17, 2, 72}, {2, 33, 2, 64}, {1, 48, 2, 80},
		{1, 205, 2, 64}, {1, 257, 1, 80}, {1, 300, 4, 16}, {1, 67, 1, 128}, {3, 45, 2, 6}, {2, 31, 3, 5}, {1, 0, 1, 4},
	} {
		t.Run(name(c.batch, c.tokens, c.heads, c.d), func(t *test) {
			qkv := normal[float32](from(t, 1), c.batch*c.tokens*3*c.heads*c.d, 1)
			op, want := lowPrecisionAttentionCase(t, qkv, c.batch, c.tokens, c.heads, c.d)
			verify(t, op, op.Y, want, attentionRoundings(t))
			op.LowY = newBFloat16(t, c.batch*c.tokens, op.Dim)
			verify(t, readBack{op, op.LowY, op.Y}, op.Y, want, attentionRoundings(t)+resultRounded)
			for r := range op.LowY.Rows {
				zeros := cpu.ActivationsStride(cpu.BFloat16, op.Dim) / 2 &^ 31
				padding := make([]float32, min(zeros, (op.Dim+31)&^31)-op.Dim)
				op.LowY.Get(r, op.Dim, padding)
				require.Equal(t, make([]float32, len(padding)), padding, "after row %d", r)
			}
		})
	}
	op, _ := lowPrecisionAttentionCase(t, make([]float32, 3*3*8), 1, 3, 2, 4)
	op.Heads = 3
	require.ErrorContains(t, op.Check(), "Dim is 8, want a multiple of Heads = 3")
	op.Heads, op.Tokens = 2, 4
	require.ErrorContains(t, op.Check(), "QKV is (3, 24), want (4, 24)")
	op.Tokens, op.LowY = 3, op.QKV
	require.ErrorContains(t, op.Check(), "LowY is (3, 24), want (3, 8)")
	op.LowY, op.Y = nil, nil
	require.ErrorContains(t, op.Check(), "Y has 0 elements")
	wide, _ := lowPrecisionAttentionCase(t, make([]float32, 3*1000), 1, 1, 1, 1000)
	require.ErrorContains(t, wide.Check(), "a head is 1000 wide")
}

// lowPrecisionAttentionExtremes has scores in the hundreds, whose maximum moves from
// one block of keys to the next, and scores that are all the same.
func lowPrecisionAttentionExtremes(t *test) {
	const tokens, heads, d = 300, 1, 16
	for _, deviation := range []float64{8, 60, 0, 1e-20} {
		qkv := normal[float32](from(t, 2), tokens*3*heads*d, deviation)
		for r := range tokens { // values of ordinary size
			copy(qkv[(3*r+2)*heads*d:][:heads*d], normal[float32](from(t, uint64(r)), heads*d, 1))
		}
		op, want := lowPrecisionAttentionCase(t, qkv, 1, tokens, heads, d)
		verify(t, op, op.Y, want, max(attentionRoundings(t), 400*deviation))
	}
}

func lowPrecisionAttentionNonFinite(t *test) {
	const tokens, heads, d = 270, 2, 16
	for _, v := range nonFinite {
		for _, at := range []int{
			65*3*heads*d + 3,            // a query
			266*3*heads*d + heads*d + 3, // a key in the last block
			3*3*heads*d + 2*heads*d + 5, // a value in the first
		} {
			qkv := normal[float32](from(t, 3), tokens*3*heads*d, 1)
			qkv[at] = float32(v)
			op, want := lowPrecisionAttentionCase(t, qkv, 1, tokens, heads, d)
			run(t, op)
			near(t, op.Y, want, attentionRoundings(t))
		}
	}
}
