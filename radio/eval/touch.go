package eval

import (
	"sync/atomic"

	"cradio/cpu"
)

// touchRows is how many rows are touched at a time.
const touchRows = 256

// touchTask reads an element of each page of the rows, in their order. Where rows lie in a mapped file, the
// system enters pages when they are read for the first time, and until then no instruction brings them
// closer: a first epoch in random order would wait for each line of them.
type touchTask struct {
	rows Rows
	seen atomic.Uint32 // keeps the reads
}

// touch makes all rows known to the processor.
func (r Rows) touch(pool *cpu.Pool) {
	pool.Run(pieces(r.Len(), touchRows), &touchTask{rows: r})
}

func (t *touchTask) Do(_, i int) {
	const page = 4096
	sum := uint32(0)
	for at := i * touchRows; at < min((i+1)*touchRows, t.rows.Len()); at++ {
		if t.rows.Float32 == nil {
			row := t.rows.BFloat16(at)
			for j := 0; j < len(row); j += page / 2 {
				sum += uint32(row[j])
			}
			continue
		}
		row := t.rows.Float32(at)
		for j := 0; j < len(row); j += page / 4 {
			if row[j] != 0 {
				sum++
			}
		}
	}
	t.seen.Add(sum)
}
