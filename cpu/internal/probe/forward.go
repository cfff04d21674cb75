package probe

import (
	"math"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// forwardTask computes the scores of some panels of rows, their losses and errors. Scores are
// transposed: a row is an output, a column a row of the batch. So a softmax runs down the
// columns, and what it makes is the left operand of the gradient.
type forwardTask Step

func (t *forwardTask) Do(worker, i int) {
	s, cols := (*Step)(t), t.tiles.Cols
	m := &s.memory[worker]
	b0, b1 := pool.Span(i, s.panels, s.blocks())
	switch {
	case s.many:
		s.forwardMany(m, b0, b1)
		return
	case s.form == splitTiles:
		s.forwardSplit(m, b0, b1)
		return
	}
	size := s.form.right(s.columns, cols)
	for b := b0; b < b1; b++ {
		s.gather(m, b, m.packed[(b-b0)*size:][:size])
		s.beginScores(m.scores[(b-b0)*s.scored*cols:])
	}
	for k := range s.Inputs {
		s.multiplyForward(m, k, b0, b1, b0+s.panels*s.pool.Threads())
	}
	for b := b0; b < b1; b++ {
		s.finishForward(m, m.scores[(b-b0)*s.scored*cols:], b)
	}
}

// beginScores sets scores to biases.
func (s *Step) beginScores(scores []float32) {
	cols := s.tiles.Cols
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		for r, v := range s.shifted[p.row:][:in.Heads*s.Classes] {
			row := scores[(p.score+r)*cols:][:cols]
			for c := range row {
				row[c] = v
			}
		}
	}
}

// multiplyForward adds the products of an input's weights and of panels [b0, b1). Meanwhile
// the rows of the panels from after on are brought closer.
func (s *Step) multiplyForward(m *workerMemory, k, b0, b1, after int) {
	in, p, cols := &s.Inputs[k], &s.inputs[k], s.tiles.Cols
	rows, panel := in.Heads*s.Classes, s.form.right(s.columns, cols)
	slice := s.slices(p.size)
	calls, call := pool.Blocks(p.size, slice)*pool.Blocks(rows, s.tallest()), 0
	for k0 := 0; k0 < p.size; k0 += slice {
		n := min(slice, p.size-k0)
		s.heights(rows, func(r, height int) {
			for b := b0; b < b1; b++ {
				right := kernel.At(m.packed, (b-b0)*panel+s.form.right(p.at+k0, cols))
				s.product(n, kernel.At(s.folded, p.weights+r*p.stride+s.form.left(k0)), p.stride, height, right, kernel.At(m.scores, ((b-b0)*s.scored+p.score+r)*cols), 1, kernel.At(m.partial, 0), right)
				if k == 0 {
					s.fetch(after+b-b0, call, calls)
				}
			}
			call++
		})
	}
}

// finishForward makes losses and errors of the scores of block b.
func (s *Step) finishForward(m *workerMemory, scores []float32, b int) {
	cols := s.tiles.Cols
	n := max(0, min(cols, len(s.Rows)-b*cols))
	head := 0
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		if s.Scores != nil {
			for c := range n {
				row := s.Scores[(b*cols+c)*s.outputs+p.row:][:in.Heads*s.Classes]
				for r := range row {
					row[r] = scores[(p.score+r)*cols+c]
				}
			}
		}
		for h := range in.Heads {
			s.finishHead(m, scores[(p.score+h*s.Classes)*cols:][:s.Classes*cols], b, n, head, p.row+h*s.Classes)
			head++
		}
	}
}

// finishHead is finishForward of one head, whose first output is given.
func (s *Step) finishHead(m *workerMemory, z []float32, b, n, head, first int) {
	cols := s.tiles.Cols
	state, own := m.state, m.labels[:cols]
	for c := range n {
		own[c] = z[int(s.Labels[b*cols+c])*cols+c]
		if s.Ranks != nil {
			s.Ranks[head*len(s.Rows)+b*cols+c] = rank(own[c], s.Classes, func(i int) float32 { return z[i*cols+c] })
		}
	}
	s.tops(state[cols:2*cols], z)
	clear(state[2*cols:])
	for c := range cols {
		state[c] = -math.MaxFloat32
	}
	s.table.Float32.Softmax(kernel.At(z, 0), s.Classes, kernel.At(state, 0), math.Log2E)
	sum := state[2*cols : 3*cols]
	for c := range n {
		s.losses[head*len(s.Rows)+b*cols+c] = loss(own[c], state[c], float64(sum[c]))
	}
	if s.Inputs[0].DWeight != nil {
		s.storeErrors(m, z, sum, b, n, first)
	}
}

// least is the magnitude below which an error is 0. The products of smaller ones would be
// denormal, which some processors multiply a hundred times more slowly.
const least = 1e-28

// leastBits are those of least.
var leastBits = math.Float32bits(least)

// tops makes the largest of each column of z.
func (s *Step) tops(top, z []float32) {
	cols := len(top)
	copy(top, z)
	if s.table.AMX != nil {
		s.table.AMX.RaiseTops(kernel.At(top, 0), kernel.At(z, 0), s.Classes)
		return
	}
	for i := cols; i < len(z); i += cols {
		row := z[i:][:cols]
		for c, v := range row {
			if v > top[c] || v != v {
				top[c] = v
			}
		}
	}
}

// storeErrors stores (softmax − label) / Batch of a head, z over sum, and adds up each output's. The
// columns after the first n are zeros.
func (s *Step) storeErrors(m *workerMemory, z, sum []float32, b, n, first int) {
	cols, each := s.tiles.Cols, 1/float32(len(s.Rows))
	for c := range cols {
		sum[c] = each / sum[c]
		if c >= n {
			sum[c] = 0
		}
	}
	if s.table.AMX != nil {
		s.table.AMX.ScaleRows(kernel.At(z, 0), len(z)/cols, kernel.At(sum, 0))
	} else {
		for i := 0; i < len(z); i += cols {
			s.table.Binary[kernel.Mul](kernel.At(z, i), kernel.At(z, i), kernel.At(sum, 0), cols)
		}
	}
	for c := range n {
		z[int(s.Labels[b*cols+c])*cols+c] -= each
	}
	for i := range s.Classes {
		row := z[i*cols:][:cols]
		total := flush(row)
		switch s.form {
		case pairs, tilePairs:
			to := pool.BytesOf(s.errors[(first+i)*s.leftStride+b*cols/2:][:cols/2])
			form.Round(s.table, to, row)
			form.Widen(s.table, row, to)
			total = flush(row) // of what is multiplied
		case singles:
			copy(s.errors[(first+i)*s.leftStride+b*cols:][:cols], row)
		}
		s.sums[b*s.outputs+first+i] = total
	}
	if s.form == splitTiles {
		s.splitErrors(m, z, b, first)
	}
}

// flush makes zeros of what is below least in a row, whose length is a multiple of 4. It returns the row's sum, of sums that
// do not wait for one another.
func flush(row []float32) float64 {
	var s0, s1, s2, s3 float64
	limit := leastBits << 1
	for ; len(row) >= 4; row = row[4:] {
		x := row[:4:4]
		x[0], x[1], x[2], x[3] = large(x[0], limit), large(x[1], limit), large(x[2], limit), large(x[3], limit)
		s0 += float64(x[0])
		s1 += float64(x[1])
		s2 += float64(x[2])
		s3 += float64(x[3])
	}
	return (s0 + s1) + (s2 + s3)
}

// large is v, or zero if the bits of its magnitude, moved by one, are below a limit.
func large(v float32, limit uint32) float32 {
	if math.Float32bits(v)<<1 < limit {
		return 0
	}
	return v
}
