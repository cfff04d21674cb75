package eval

import (
	"context"
	"sync/atomic"

	"cradio/cpu"
)

const (
	touchRows = 256     // rows of a piece
	touchMost = 8 << 30 // bytes of rows: more might not stay in memory until they are needed
	pageBytes = 4096
)

// touchTask reads an element of each page of the rows, in their order. Where rows lie in a mapped file, the
// system enters pages when they are read for the first time, and until then no instruction brings them
// closer: a first epoch in random order would wait for each line of them.
type touchTask struct {
	rows Rows
	ctx  context.Context // when it ends, the rest is left
	seen atomic.Uint32   // keeps the reads
}

// touch makes all rows known to the processor, unless they are too many.
func (r Rows) touch(ctx context.Context, pool *cpu.Pool) {
	each := 4 * r.Width
	if r.Float32 == nil {
		each = 2 * r.Width
	}
	if int64(r.Len())*int64(each) <= touchMost {
		pool.Run(pieces(r.Len(), touchRows), &touchTask{rows: r, ctx: ctx})
	}
}

func (t *touchTask) Do(_, i int) {
	if t.ctx.Err() != nil {
		return
	}
	sum := uint32(0)
	for at := i * touchRows; at < min((i+1)*touchRows, t.rows.Len()); at++ {
		if t.rows.Float32 == nil {
			row := t.rows.BFloat16(at)
			for j := 0; j < len(row); j += pageBytes / 2 {
				sum += uint32(row[j])
			}
			continue
		}
		row := t.rows.Float32(at)
		for j := 0; j < len(row); j += pageBytes / 4 {
			if row[j] != 0 {
				sum++
			}
		}
	}
	t.seen.Add(sum)
}
