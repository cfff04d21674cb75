package augment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"

	"cradio/radio/data"
	"cradio/radio/image"
)

// Loader makes batches of augmented pictures, ahead of the computation that takes them. A batch
// depends on the samples, the policy, the seed and the number of its step only: it has the same bits
// for any number of workers, in an uninterrupted run and in one that goes on.
type Loader struct {
	Samples []Sample
	Batches *data.Batches // which samples a step takes; Samples of it are len(Samples)
	Policy  Policy        // Size must be set
	Seed    uint64        // of the policy's random numbers

	Mask     data.MaskOptions // of masks, but for H and W
	PerMetre float64          // of depth maps; see data.ReadDepth

	Decode    image.DecodeOptions
	DropAlpha bool // drop transparency; otherwise pictures are composited on white
	// FastDecode reads a JPEG that is not cropped no finer than its resize needs; see radio.Encoder.
	FastDecode bool
	// Processor says how bytes become numbers: what it rescales and normalises. nil: from 0 to 1.
	Processor *image.Processor

	// EmptyBatches gives a batch none of whose pictures can be read too, for an evaluation, in which no
	// row of it counts. Otherwise it is an error.
	EmptyBatches bool

	Workers int // pictures that are loaded at once; 0 is GOMAXPROCS
	Ahead   int // batches that are made ahead; 0 is 2

	mu      sync.Mutex
	skipped map[int]error // by sample
}

// Batch is what a step takes. H and W are those of Policy.Size.
type Batch struct {
	Step    int
	Epoch   uint64
	Samples []int     // B, indices of Loader.Samples
	Pixels  []float32 // (B, 3, H, W)
	Masks   []uint8   // (B, H, W); nil if the samples have none
	Depths  []float32 // (B, H, W), metres; nil if the samples have none
	Params  []Params  // B: what was done to each
	// Skipped are pictures that cannot be read. In the row of each is the next sample of the batch
	// that can be read, once more: Samples names it.
	Skipped []data.Skipped
	Again   []int // these rows
}

// Check returns an error for fields that make no batch.
func (l *Loader) Check() error {
	switch {
	case l.Batches == nil:
		return errors.New("augment: Batches is nil; it says which samples a step takes")
	case l.Batches.Samples != len(l.Samples):
		return fmt.Errorf("augment: Batches has %d samples, and there are %d", l.Batches.Samples, len(l.Samples))
	case l.Policy.Size == [2]int{}:
		return errors.New("augment: Policy.Size is 0×0; the pictures of a batch need one size")
	case l.Workers < 0 || l.Ahead < 0:
		return fmt.Errorf("augment: there are %d workers and %d batches ahead: must be at least 0", l.Workers, l.Ahead)
	}
	for i, s := range l.Samples {
		if (s.Mask != "") != (l.Samples[0].Mask != "") || (s.Depth != "") != (l.Samples[0].Depth != "") {
			return fmt.Errorf("augment: %s and %s: either all samples have a mask, or none; and so for depth", l.Samples[0].Picture, l.Samples[i].Picture)
		}
	}
	return errors.Join(l.Batches.Check(), l.Policy.Check())
}

// Steps returns the batches of the steps first to end-1, in order:
//
//	for b, err := range l.Steps(ctx, 0, steps) {
//		if err != nil {
//			return err
//		}
//		use(b.Pixels)
//	}
//
// A batch is valid until the next one: its memory is used again. An error ends the sequence: that of
// Check, of ctx, or of a batch without a picture that can be read.
func (l *Loader) Steps(ctx context.Context, first, end int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if err := l.Check(); err != nil {
			yield(nil, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		r := l.start(ctx, first, end)
		defer r.workers.Wait()
		defer cancel()
		for range end - first {
			var m *making
			select {
			case m = <-r.order:
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
			select {
			case <-m.done:
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
			if err := l.complete(m); err != nil {
				yield(nil, err)
				return
			}
			if !yield(m.batch, nil) {
				return
			}
			r.free <- m.batch
		}
	}
}

// ahead is how many batches are made ahead.
func (l *Loader) ahead() int { return cmp.Or(l.Ahead, 2) }

// Bytes is the memory of the batches of so many samples that exist at a time: those that are made ahead,
// and one that is in use. Pictures that are being decoded come on top.
func (l *Loader) Bytes(batch int) int64 {
	each := int64(3 * 4) // of a pixel: three numbers
	if len(l.Samples) > 0 && l.Samples[0].Mask != "" {
		each++
	}
	if len(l.Samples) > 0 && l.Samples[0].Depth != "" {
		each += 4
	}
	return int64(l.ahead()+1) * int64(batch) * int64(l.Policy.Size[0]) * int64(l.Policy.Size[1]) * each
}

// making is a batch that workers fill.
type making struct {
	batch *Batch
	wrong []error // of each row
	mu    sync.Mutex
	left  int           // rows
	done  chan struct{} // closed when no row is left
}

// run is one use of Steps.
type run struct {
	order   chan *making // by step
	free    chan *Batch
	workers sync.WaitGroup
}

// row is a picture to load.
type row struct {
	*making
	at int
}

// start starts the workers.
func (l *Loader) start(ctx context.Context, first, end int) *run {
	workers, ahead := l.Workers, l.ahead()
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	r := &run{order: make(chan *making, ahead), free: make(chan *Batch, ahead+1)}
	for range ahead + 1 { // one more is in use
		r.free <- &Batch{}
	}
	rows := make(chan row)
	r.workers.Go(func() {
		defer close(rows)
		for step := first; step < end; step++ {
			var b *Batch
			select {
			case b = <-r.free:
			case <-ctx.Done():
				return
			}
			m := l.prepare(b, step)
			r.order <- m // never full: a batch is in it or free
			for at := range b.Samples {
				select {
				case rows <- row{m, at}:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	for range workers {
		r.workers.Go(func() {
			for row := range rows {
				row.fill(l)
			}
		})
	}
	return r
}

// prepare makes room for the rows of a step.
func (l *Loader) prepare(b *Batch, step int) *making {
	b.Step, b.Skipped, b.Again = step, nil, nil
	var samples []int
	b.Epoch, samples = l.Batches.At(step)
	b.Samples = append(b.Samples[:0], samples...)
	n := len(samples)
	b.Params = slices.Grow(b.Params[:0], n)[:n]
	pixels := n * l.Policy.Size[0] * l.Policy.Size[1]
	b.Pixels = slices.Grow(b.Pixels[:0], 3*pixels)[:3*pixels]
	if l.Samples[0].Mask != "" {
		b.Masks = slices.Grow(b.Masks[:0], pixels)[:pixels]
	}
	if l.Samples[0].Depth != "" {
		b.Depths = slices.Grow(b.Depths[:0], pixels)[:pixels]
	}
	return &making{batch: b, wrong: make([]error, n), left: n, done: make(chan struct{})}
}

// fill loads one row. What panics is an error of the picture.
func (r row) fill(l *Loader) {
	defer func() {
		if p := recover(); p != nil {
			r.wrong[r.at] = fmt.Errorf("%s: loading it panicked: %v", l.Samples[r.batch.Samples[r.at]].Picture, p)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.left--; r.left == 0 {
			close(r.done)
		}
	}()
	r.wrong[r.at] = l.load(r.batch, r.at, r.batch.Samples[r.at])
}
