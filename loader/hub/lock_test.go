package hub

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
)

// TestTwoAtOnce: two clients that share a cache download each file once.
func TestTwoAtOnce(t *testing.T) {
	m := newMock(t, model())
	dir := t.TempDir()
	var all sync.WaitGroup
	failures := make(chan error, 4)
	for range 4 {
		c := m.client(t)
		c.Cache = dir
		all.Go(func() {
			_, err := c.Snapshot(t.Context(), theRepo)
			failures <- err
		})
	}
	all.Wait()
	for range 4 {
		require.NoError(t, <-failures)
	}
	gets := map[string]int{}
	for _, r := range m.seen() {
		gets[r]++
	}
	require.Equal(t, 1, gets["GET /blobs/"+sha(m.weights())])
	require.Equal(t, 1, gets["GET /org/name/resolve/"+commitA+"/config.json"])
}

// TestWaitsForLock: another process downloads; it is waited for, and what it made is used.
func TestWaitsForLock(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := c.store(theRepo)
	path := s.lock(sha(m.weights()))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	l := flock.New(path)
	require.NoError(t, l.Lock())
	c.Progress = func(e Event) {
		if e.State == Waiting {
			os.MkdirAll(filepath.Dir(s.blob("x")), 0o777)
			os.WriteFile(s.blob(sha(m.weights())), m.weights(), 0o666)
			l.Unlock()
		}
	}
	m.pull(t, c, theRepo)
	require.NotContains(t, m.seen(), "GET /blobs/"+sha(m.weights()))

	require.NoError(t, l.Lock())
	defer l.Unlock()
	c.Progress = nil
	c.Force = true
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Snapshot(ctx, theRepo)
	require.True(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
}
