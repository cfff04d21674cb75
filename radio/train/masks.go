package train

import (
	"fmt"

	"cradio/graph"
	"cradio/radio/data"

	"gorgonia.org/tensor"
)

// fill draws a mask for a batch. The numbers of a sample depend on the seed, the epoch, the sample
// and the name of the mask only.
func (m Mask) fill(to graph.Machine, seed uint64, b *Batch) error {
	t := to.Input(m.Node)
	if t == nil { // nothing needs it
		return nil
	}
	if t.Shape()[0] != len(b.Samples) {
		return fmt.Errorf("mask %s is %v, want %d entries, one for each sample", m.Name, t.Shape(), len(b.Samples))
	}
	if t.Dtype() == tensor.Float64 {
		draw(t.Float64s(), m, seed, b)
	} else {
		draw(t.Float32s(), m, seed, b)
	}
	return nil
}

func draw[T float32 | float64](values []T, m Mask, seed uint64, b *Batch) {
	each := len(values) / len(b.Samples)
	for i, sample := range b.Samples {
		r := data.Rand(seed, b.Epoch, uint64(sample), "mask "+m.Name)
		for j := range each {
			values[i*each+j] = 1
			if r.Float64() < m.Drop {
				values[i*each+j] = 0
			}
		}
	}
}
