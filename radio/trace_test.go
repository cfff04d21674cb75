package radio

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTrace(t *testing.T) {
	var mu sync.Mutex
	var events []Event
	m := openNano(t, Options{Trace: func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	}})
	e := NewEncoder(m)
	e.Size, e.BatchSize = Square(32), 2
	start := time.Now()
	inputs := []Input{decoded("a", grey(50, 70, 1)), decoded("b", grey(20, 20, 1)), e.Bytes("bad", nil)}
	require.NoError(t, e.Stream(t.Context(), inputs, func(Result) error { return nil }))
	took := time.Since(start)

	count := map[EventKind]int{}
	for _, e := range events {
		count[e.Kind]++
		require.False(t, e.Start.Before(start))
		require.LessOrEqual(t, e.Took, took)
		switch e.Kind {
		case EventDecode:
			require.Equal(t, e.Name == "bad", e.Err != nil)
			if e.Name == "a" {
				require.Equal(t, [2]int{50, 70}, [2]int{e.Height, e.Width})
			}
		case EventResize:
			require.NotEqual(t, "bad", e.Name)
			require.Equal(t, [3]int{1, 32, 32}, [3]int{e.Batch, e.Height, e.Width})
		default:
			require.Equal(t, [3]int{2, 32, 32}, [3]int{e.Batch, e.Height, e.Width})
			require.Empty(t, e.Name)
		}
	}
	require.Equal(t, map[EventKind]int{EventDecode: 3, EventResize: 2, EventCompile: 1, EventWait: 1, EventForward: 1}, count)
}

// Nobody pays for a trace that is not asked for.
func TestNoTrace(t *testing.T) {
	m := openNano(t, Options{})
	require.Zero(t, m.clock())
	require.Zero(t, testing.AllocsPerRun(20, func() { m.report(EventForward, m.clock(), nil, Event{Batch: 1}) }))
}
