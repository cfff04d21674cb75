package radio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"cradio/radio/image"
)

// Batcher encodes images that come from many goroutines, such as the requests of a service. It runs
// images of one size through the model together: a full batch, or the images that have arrived when
// the first of them has waited for Delay.
//
// Each result is bit for bit that of the image alone. Images are loaded and resized on the
// callers' goroutines, at most as many at once as there are cores. Make a Batcher with NewBatcher. Its
// model must stay open while it is used.
type Batcher struct {
	encoder *Encoder
	opt     BatcherOptions
	places  *gate // in the queue
	loads   *gate // to load an image
	line    *line
}

// BatcherOptions say how images are put together; the zero value is right for most uses.
type BatcherOptions struct {
	// Batch is the most images of a forward pass, 0 is 8.
	Batch int
	// Delay is how long an image may wait for others of its size, 0 is 5 ms. If it is negative, an
	// image does not wait: a batch then consists of images that arrived while the model was busy.
	Delay time.Duration
	// Queue limits the images that are in the Batcher, from before they are loaded until their
	// results are returned. 0 is 8 batches. It bounds the memory.
	Queue int
	// Refuse returns ErrBusy if the queue is full. Otherwise images wait for room, in order of
	// arrival.
	Refuse bool
}

// ErrBusy is returned by a Batcher with Refuse whose queue is full.
var ErrBusy = errors.New("too many images are waiting: try again later")

// ErrBatcherClosed is returned by a Batcher that has been closed.
var ErrBatcherClosed = errors.New("the batcher is closed")

// NewBatcher returns a Batcher that encodes as e does. It copies e: the request, the size and the
// preprocessing. BatchSize and Borrow are ignored.
func NewBatcher(e *Encoder, opt BatcherOptions) (*Batcher, error) {
	if e == nil || e.Model == nil || e.Processor == nil {
		return nil, errors.New("the Encoder has no model or no processor: make it with NewEncoder")
	}
	if opt.Batch < 0 || opt.Queue < 0 {
		return nil, fmt.Errorf("batcher: Batch is %d and Queue is %d: must be at least 1, or 0 for the usual number", opt.Batch, opt.Queue)
	}
	if err := e.checkSize(); err != nil {
		return nil, err
	}
	if err := e.Request.check(e.Model.net); err != nil {
		return nil, err
	}
	own, processor := *e, *e.Processor
	own.Processor = &processor
	if opt.Batch == 0 {
		opt.Batch = 8
	}
	if opt.Queue == 0 {
		opt.Queue = 8 * opt.Batch
	}
	if opt.Delay == 0 {
		opt.Delay = 5 * time.Millisecond
	}
	return &Batcher{
		encoder: &own, opt: opt,
		places: newGate(opt.Queue), loads: newGate(runtime.GOMAXPROCS(0)),
		line: newLine(opt.Batch, max(opt.Delay, 0), e.Model.concurrent, own.together),
	}, nil
}

// Encode encodes an image, which must not change before it returns. See Do for the errors.
func (b *Batcher) Encode(ctx context.Context, img *image.RGB) (Result, error) {
	return b.Do(ctx, decoded("image", img))
}

// Do encodes an image: an Input from the Encoder's File, Bytes, Reader or Image. The tensors of the
// Result are the caller's. The error is also in Result.Err. It is that of the image, of the forward
// pass or of ctx, or ErrBusy or ErrBatcherClosed. When ctx ends, Do returns at once, or when the image
// is loaded. Other images of the batch are not affected.
func (b *Batcher) Do(ctx context.Context, in Input) (Result, error) {
	r, err := b.do(ctx, in)
	if err != nil {
		r = Result{Name: in.Name, Original: r.Original, Err: err}
	}
	return r, err
}

func (b *Batcher) do(ctx context.Context, in Input) (r Result, err error) {
	if err := b.enter(ctx); err != nil {
		return r, err
	}
	defer b.places.leave()
	p, err := b.prepare(ctx, in)
	r.Original = p.from
	if err != nil {
		return r, err
	}
	return b.line.wait(ctx, p)
}

// enter takes a place in the queue.
func (b *Batcher) enter(ctx context.Context) error {
	if !b.opt.Refuse {
		return b.places.enter(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.places.tryEnter(ErrBusy)
}

// prepare loads and resizes an image.
func (b *Batcher) prepare(ctx context.Context, in Input) (prepared, error) {
	if err := b.loads.enter(ctx); err != nil {
		return prepared{}, err
	}
	defer b.loads.leave()
	p := b.encoder.prepare(0, in)
	return p, p.err
}

// Close refuses new images, and images that wait for room in the queue. It waits until the images in
// the queue are done. The model stays open.
func (b *Batcher) Close() error {
	b.places.close(ErrBatcherClosed)
	b.line.hurry()
	b.places.drain()
	return nil
}

// together computes a batch of images of one size. If there is not enough memory for all of them, it
// computes smaller batches.
func (e *Encoder) together(ctx context.Context, group []prepared) ([]Result, error) {
	h, w := group[0].fit.h, group[0].fit.w
	l, err := e.compute(ctx, group, h, w)
	var large *TooLargeError
	if errors.As(err, &large) && large.Fits > 0 && large.Fits < len(group) { // no image has been touched
		return e.inSmaller(ctx, group, large.Fits)
	}
	if err != nil {
		return nil, err
	}
	defer l.release()
	results := make([]Result, len(group))
	for i, p := range group {
		results[i] = Result{Name: p.name, Height: h, Width: w, Original: p.from}
		results[i].take(&l.Output, i)
		results[i].keep()
	}
	return results, nil
}

// inSmaller computes as few smaller batches as possible. They have one size, so that each uses the
// memory of the one before.
func (e *Encoder) inSmaller(ctx context.Context, group []prepared, most int) ([]Result, error) {
	count := (len(group) + most - 1) / most
	var all []Result
	for some := range slices.Chunk(group, (len(group)+count-1)/count) {
		results, err := e.together(ctx, some)
		if err != nil {
			return nil, err
		}
		all = append(all, results...)
	}
	return all, nil
}
