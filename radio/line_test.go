package radio

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// works is what a line computes with in tests: it notes the batches, and holds each until it is
// let go.
type works struct {
	mu      sync.Mutex
	batches []string
	begun   chan string
	proceed chan struct{} // nil: at once
	err     error
}

func (w *works) compute(ctx context.Context, group []prepared) ([]Result, error) {
	text := fmt.Sprint(group[0].fit.h, ":")
	for _, p := range group {
		text += " " + p.name
	}
	w.mu.Lock()
	w.batches = append(w.batches, text)
	w.mu.Unlock()
	if w.begun != nil {
		w.begun <- text
	}
	if w.proceed != nil {
		select {
		case <-w.proceed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	results := make([]Result, len(group))
	for i, p := range group {
		results[i].Name = p.name
	}
	return results, nil
}

func sized(name string, h int) prepared { return prepared{name: name, fit: fit{h: h, w: h}} }

// waits puts an image in a line, and returns when it is in.
func waits(t *testing.T, l *line, ctx context.Context, p prepared) <-chan error {
	got := make(chan error, 1)
	before := len(requests(l))
	go func() {
		r, err := l.wait(ctx, p)
		if err == nil && r.Name != p.name {
			err = fmt.Errorf("got the result of %q", r.Name)
		}
		got <- err
	}()
	for len(requests(l)) == before {
		time.Sleep(20 * time.Microsecond)
	}
	return got
}

func requests(l *line) (list []*request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.waiting {
		list = append(list, g...)
	}
	return list
}

// busy is a line in which a batch is at work, so that others wait.
func busy(t *testing.T, batch int, delay time.Duration) (*line, *works, <-chan error) {
	w := &works{begun: make(chan string, 100), proceed: make(chan struct{})}
	l := newLine(batch, delay, 1, w.compute)
	l.hurry()
	got := make(chan error, 1)
	go func() { _, err := l.wait(t.Context(), sized("first", 1)); got <- err }()
	<-w.begun
	l.mu.Lock()
	l.hurried = false
	l.mu.Unlock()
	return l, w, got
}

// Images that came while the model was at work go together, those of one size, and the size
// whose first image has waited longest goes first.
func TestLineIsFair(t *testing.T) {
	l, w, first := busy(t, 3, time.Nanosecond)
	var all []<-chan error
	for i, h := range []int{2, 2, 3, 2, 2, 2, 4, 2, 3} {
		all = append(all, waits(t, l, t.Context(), sized(fmt.Sprint(i), h)))
	}
	close(w.proceed)
	for _, got := range append(all, first) {
		require.NoError(t, <-got)
	}
	require.Equal(t, []string{"1: first", "2: 0 1 3", "3: 2 8", "2: 4 5 7", "4: 6"}, w.batches)
	require.Empty(t, l.waiting)
}

// A full batch goes at once; one that is not waits for its time, and no longer.
func TestLineWaitsForOthers(t *testing.T) {
	w := &works{}
	l := newLine(2, time.Hour, 1, w.compute)
	one := waits(t, l, t.Context(), sized("a", 2))
	other := waits(t, l, t.Context(), sized("x", 3))
	go l.wait(t.Context(), sized("b", 2))
	require.NoError(t, <-one, "full")
	require.Len(t, requests(l), 1)
	l.hurry()
	require.NoError(t, <-other)

	l = newLine(2, 30*time.Millisecond, 1, w.compute)
	start := time.Now()
	_, err := l.wait(t.Context(), sized("alone", 2))
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(start), 30*time.Millisecond)

	l = newLine(100, 0, 1, w.compute)
	_, err = l.wait(t.Context(), sized("at once", 2))
	require.NoError(t, err)
}

// Who gives up leaves at once, and nobody else. A batch that nobody wants any more is stopped.
func TestLineCancels(t *testing.T) {
	l, w, first := busy(t, 3, time.Nanosecond)
	ctx, cancel := context.WithCancel(t.Context())
	a, b, c := waits(t, l, t.Context(), sized("a", 2)), waits(t, l, ctx, sized("b", 2)), waits(t, l, t.Context(), sized("c", 2))
	lone := waits(t, l, ctx, sized("lone", 9))
	cancel()
	require.ErrorIs(t, <-b, context.Canceled)
	require.ErrorIs(t, <-lone, context.Canceled)
	require.Len(t, requests(l), 2)
	w.proceed <- struct{}{}
	require.NoError(t, <-first)
	require.Equal(t, "2: a c", <-w.begun)

	ctx, cancel = context.WithCancel(t.Context())
	d := waits(t, l, ctx, sized("d", 3))
	e := waits(t, l, ctx, sized("e", 3))
	w.proceed <- struct{}{}
	require.NoError(t, <-a)
	require.NoError(t, <-c)
	require.Equal(t, "3: d e", <-w.begun)
	cancel() // nobody lets this batch go on
	require.ErrorIs(t, <-d, context.Canceled)
	require.ErrorIs(t, <-e, context.Canceled)
	f := make(chan error)
	go func() { _, err := l.wait(t.Context(), sized("f", 3)); f <- err }()
	require.Equal(t, "3: f", <-w.begun, "the line is free again")
	close(w.proceed)
	require.NoError(t, <-f)
}

// An error, or a panic, of a batch is that of all its images, by name, and of no other.
func TestLineFails(t *testing.T) {
	broken := errors.New("broken")
	for name, fail := range map[string]func(w *works) func(context.Context, []prepared) ([]Result, error){
		"error": func(w *works) func(context.Context, []prepared) ([]Result, error) {
			return func(context.Context, []prepared) ([]Result, error) { return nil, broken }
		},
		"panic": func(w *works) func(context.Context, []prepared) ([]Result, error) {
			return func(context.Context, []prepared) ([]Result, error) { panic("broken") }
		},
		"short": func(w *works) func(context.Context, []prepared) ([]Result, error) {
			return func(context.Context, []prepared) ([]Result, error) { return nil, nil }
		},
	} {
		l, w, first := busy(t, 4, time.Nanosecond)
		a, b := waits(t, l, t.Context(), sized("a", 2)), waits(t, l, t.Context(), sized("b", 2))
		l.mu.Lock()
		l.compute = fail(w)
		l.mu.Unlock()
		close(w.proceed)
		require.NoError(t, <-first)
		ea, eb := <-a, <-b
		require.ErrorContains(t, ea, "a: ", name)
		require.ErrorContains(t, eb, "b: ", name)
		switch name {
		case "error":
			require.ErrorIs(t, ea, broken)
			require.ErrorIs(t, eb, broken)
		case "panic":
			require.ErrorContains(t, ea, "encoding a batch of 2 images panicked: broken")
		}
		l.mu.Lock()
		l.compute = w.compute
		l.mu.Unlock()
		_, err := l.wait(t.Context(), sized("after", 2))
		require.NoError(t, err, "the line goes on")
	}
}
