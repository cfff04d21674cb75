package train

import (
	"cradio/radio/data"
)

// Sample is a place in the row of samples: sample Index as it is seen in an epoch. What is random
// about it depends on the seed and these two numbers only.
type Sample struct{ Epoch, Index int }

// Order is the endless row of samples from which batches are cut: each epoch is a permutation of
// its own, and the next one follows at once. So no batch is short, every sample is seen once an
// epoch, and a number says where a run is.
type Order struct {
	Samples int
	Batch   int
	Seed    uint64

	epoch int // whose permutation is kept
	perm  []int
}

// At returns batch t = 0, 1, … .
func (o *Order) At(t int) []Sample {
	batch := make([]Sample, o.Batch)
	for i := range batch {
		k := t*o.Batch + i
		epoch := k / o.Samples
		batch[i] = Sample{epoch, o.permutation(epoch)[k%o.Samples]}
	}
	return batch
}

func (o *Order) permutation(epoch int) []int {
	if o.perm == nil || o.epoch != epoch {
		o.epoch, o.perm = epoch, data.Rand(o.Seed, uint64(epoch), 0, "order").Perm(o.Samples)
	}
	return o.perm
}

// Batches returns how many batches make some epochs; the last may go on into the next epoch.
func (o *Order) Batches(epochs float64) int {
	samples := epochs * float64(o.Samples)
	return max(1, int((samples+float64(o.Batch)-1)/float64(o.Batch)))
}

// Ends says whether an epoch ends in batch t, and how many have ended by then.
func (o *Order) Ends(t int) (epochs int, ends bool) {
	epochs = (t + 1) * o.Batch / o.Samples
	return epochs, epochs > t*o.Batch/o.Samples
}
