package radio

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// line groups prepared images by size, and computes them in batches, a limited number of batches at
// a time. A batch is ready when it is full, or when its first image has waited for the delay. Of the
// batches that are ready, the one with the longest wait starts first, so that every size makes
// progress.
type line struct {
	batch   int
	delay   time.Duration
	compute func(context.Context, []prepared) ([]Result, error)

	mu      sync.Mutex
	free    int          // batches that may start
	waiting [][]*request // by size, each in order of arrival
	hurried bool         // images do not wait for others any more
	timer   *time.Timer  // for the next batch that becomes ready by its delay
}

// request is an image in a line.
type request struct {
	prepared
	since time.Time
	done  chan answer // of capacity 1
	batch *batch      // nil while the image waits
}

type answer struct {
	result Result
	err    error
}

// batch is requests that are being computed.
type batch struct {
	wanted int // requests whose callers still wait
	cancel context.CancelFunc
}

func newLine(batch int, delay time.Duration, atOnce int, compute func(context.Context, []prepared) ([]Result, error)) *line {
	return &line{batch: batch, delay: delay, compute: compute, free: atOnce}
}

// wait returns the result of an image. If ctx ends first, the image leaves the line.
func (l *line) wait(ctx context.Context, p prepared) (Result, error) {
	r := &request{prepared: p, since: time.Now(), done: make(chan answer, 1)}
	l.mu.Lock()
	l.join(r)
	l.start()
	l.mu.Unlock()
	select {
	case a := <-r.done:
		return a.result, a.err
	case <-ctx.Done():
		l.mu.Lock()
		l.quit(r)
		l.mu.Unlock()
		return Result{}, ctx.Err()
	}
}

func (l *line) join(r *request) {
	for i, g := range l.waiting {
		if g[0].fit.h == r.fit.h && g[0].fit.w == r.fit.w {
			l.waiting[i] = append(g, r)
			return
		}
	}
	l.waiting = append(l.waiting, []*request{r})
}

// quit removes a request whose caller has gone. A batch is cancelled when all its callers have gone.
func (l *line) quit(r *request) {
	if b := r.batch; b != nil {
		if b.wanted--; b.wanted == 0 {
			b.cancel()
		}
		return
	}
	for i, g := range l.waiting {
		for j := range g {
			if g[j] == r {
				l.remove(i, j, j+1)
				return
			}
		}
	}
}

// remove removes requests from a group.
func (l *line) remove(i, from, to int) {
	g := l.waiting[i]
	left := make([]*request, 0, len(g)-(to-from))
	left = append(append(left, g[:from]...), g[to:]...)
	if len(left) > 0 {
		l.waiting[i] = left
		return
	}
	l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
}

// start starts the batches that are ready, as far as the limit allows. It sets the timer for the next
// batch.
func (l *line) start() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	for l.free > 0 && len(l.waiting) > 0 {
		now := time.Now()
		first, soon := -1, time.Duration(0)
		for i, g := range l.waiting {
			left := l.delay - now.Sub(g[0].since)
			if left > 0 && len(g) < l.batch && !l.hurried {
				if soon == 0 || left < soon {
					soon = left
				}
			} else if first < 0 || g[0].since.Before(l.waiting[first][0].since) {
				first = i
			}
		}
		if first < 0 {
			l.timer = time.AfterFunc(soon, l.retry)
			return
		}
		n := min(l.batch, len(l.waiting[first]))
		group := l.waiting[first][:n:n]
		l.remove(first, 0, n)
		ctx, cancel := context.WithCancel(context.Background())
		b := &batch{wanted: n, cancel: cancel}
		for _, r := range group {
			r.batch = b
		}
		l.free--
		go l.run(ctx, b, group)
	}
}

func (l *line) retry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start()
}

// hurry makes every batch ready, now and later.
func (l *line) hurry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurried = true
	l.start()
}

// run computes a batch, and answers its callers.
func (l *line) run(ctx context.Context, b *batch, group []*request) {
	defer b.cancel()
	images := make([]prepared, len(group))
	for i, r := range group {
		images[i] = r.prepared
		r.img = nil
	}
	results, err := l.safely(ctx, images)
	l.mu.Lock()
	l.free++
	l.start()
	l.mu.Unlock()
	for i, r := range group {
		a := answer{err: err}
		if err == nil {
			a.result = results[i]
		} else {
			a.err = fmt.Errorf("%s: %w", r.name, err)
		}
		r.done <- a
	}
}

// safely turns a panic into an error.
func (l *line) safely(ctx context.Context, images []prepared) (results []Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			results, err = nil, fmt.Errorf("encoding a batch of %d images panicked: %v\n%s", len(images), p, debug.Stack())
		}
	}()
	results, err = l.compute(ctx, images)
	if err == nil && len(results) != len(images) {
		err = errors.New("a batch gave another number of results than it had images")
	}
	return results, err
}
