package augment

import (
	"fmt"
	"slices"

	"cradio/radio/data"
)

// complete replaces the rows of pictures that cannot be read.
func (l *Loader) complete(m *making) error {
	b, n := m.batch, len(m.wrong)
	from := func(at int) int { // the next row that was loaded
		for i := range n {
			if j := (at + i) % n; m.wrong[j] == nil {
				return j
			}
		}
		return -1
	}
	samples := slices.Clone(b.Samples)
	for at, err := range m.wrong {
		if err == nil {
			continue
		}
		l.skip(samples[at], err)
		b.Skipped, b.Again = append(b.Skipped, data.Skipped{Path: l.Samples[samples[at]].Picture, Err: err}), append(b.Again, at)
		good := from(at)
		if good < 0 && l.EmptyBatches {
			continue
		}
		if good < 0 {
			return fmt.Errorf("none of the %d pictures of step %d can be read; the first: %w", n, b.Step, m.wrong[0])
		}
		b.Samples[at], b.Params[at] = samples[good], b.Params[good]
		again(b.Pixels, n, at, good)
		again(b.Masks, n, at, good)
		again(b.Depths, n, at, good)
	}
	return nil
}

// again copies one of n rows to another.
func again[T any](rows []T, n, to, from int) {
	size := len(rows) / n
	copy(rows[size*to:][:size], rows[size*from:][:size])
}

func (l *Loader) skip(sample int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.skipped == nil {
		l.skipped = map[int]error{}
	}
	if l.skipped[sample] == nil {
		l.skipped[sample] = err
	}
}

// Skipped lists the pictures that could not be read so far, each once, in the order of the samples.
func (l *Loader) Skipped() []data.Skipped {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []data.Skipped
	for i, s := range l.Samples {
		if err := l.skipped[i]; err != nil {
			list = append(list, data.Skipped{Path: s.Picture, Err: err})
		}
	}
	return list
}
