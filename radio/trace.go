package radio

import "time"

// EventKind names a step.
type EventKind string

// The steps, in the order in which an image goes through them.
const (
	EventDecode  EventKind = "decode"  // an Input was loaded
	EventResize  EventKind = "resize"  // and brought to the size that the model sees
	EventCompile EventKind = "compile" // a program was compiled, for a size and request that are new
	EventWait    EventKind = "wait"    // a batch waited for its turn; see Options.Concurrent
	EventForward EventKind = "forward" // and went through the model
)

// Event is one step of the work, which is over. What takes no part in a step is zero.
type Event struct {
	Kind          EventKind
	Name          string        // of the image: decode and resize
	Batch         int           // images; 1 in decode and resize
	Height, Width int           // pixels, after the step
	Start         time.Time     // when it began
	Took          time.Duration // how long it took
	Err           error         // why it failed, or nil
}

// clock is the time now, if anybody wants to know.
func (m *Model) clock() (now time.Time) {
	if m.trace != nil {
		now = time.Now()
	}
	return now
}

// report ends a step that began at a time of clock.
func (m *Model) report(kind EventKind, start time.Time, err error, e Event) {
	if m.trace == nil {
		return
	}
	e.Kind, e.Start, e.Took, e.Err = kind, start, time.Since(start), err
	m.trace(e)
}
