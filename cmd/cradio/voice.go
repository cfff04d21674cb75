package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8/cwriter"
)

// voice writes the program's log to standard error, one line for each record:
//
//	cradio: warning: not using packed weights: because …
//
// It is an slog.Handler. While a progress bar is shown, lines go above it.
type voice struct {
	level  slog.Leveler
	attrs  []slog.Attr
	colour bool
	*speaker
}

// speaker is where the lines go. Derived handlers share it.
type speaker struct {
	mu sync.Mutex
	to io.Writer
}

// newVoice returns a voice that writes to w. It uses colours if w is a terminal and NO_COLOR
// is not set.
func newVoice(w io.Writer, level slog.Leveler) *voice {
	return &voice{level: level, colour: hasColours(w), speaker: &speaker{to: w}}
}

// speaking is the voice of the running command.
func speaking() (*voice, bool) {
	v, ok := slog.Default().Handler().(*voice)
	return v, ok
}

// quiet reports whether only warnings and errors are printed, without progress bars.
func quiet() bool { return !slog.Default().Enabled(context.Background(), slog.LevelInfo) }

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	if out, ok := w.(*written); ok {
		w = out.to
	}
	f, ok := w.(*os.File)
	return ok && cwriter.IsTerminal(int(f.Fd()))
}

// hasColours reports whether w is a terminal that shows colours, and NO_COLOR is not set.
func hasColours(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// redirect sends lines to another writer, until the returned function is called.
func (s *speaker) redirect(to io.Writer) (back func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.to
	s.to = to
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.to = before
	}
}

// Enabled implements slog.Handler.
func (v *voice) Enabled(_ context.Context, l slog.Level) bool { return l >= v.level.Level() }

// Handle implements slog.Handler.
func (v *voice) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString("cradio: ")
	if kind, colour := kindOf(r.Level); kind != "" {
		if v.colour {
			kind = colour + kind + "\x1b[0m"
		}
		b.WriteString(kind + ": ")
	}
	b.WriteString(escaped(r.Message, true))
	var parts []string
	add := func(a slog.Attr) bool {
		if !a.Equal(slog.Attr{}) {
			parts = append(parts, a.Key+" "+escaped(fmt.Sprint(a.Value.Any()), true))
		}
		return true
	}
	for _, a := range v.attrs {
		add(a)
	}
	r.Attrs(add)
	if len(parts) > 0 {
		b.WriteString(": " + strings.Join(parts, ", "))
	}
	b.WriteByte('\n')
	v.mu.Lock()
	defer v.mu.Unlock()
	_, err := io.WriteString(v.to, b.String())
	return err
}

// kindOf returns the word for a level, and its colour.
func kindOf(l slog.Level) (kind, colour string) {
	switch {
	case l >= slog.LevelError:
		return "error", "\x1b[31m"
	case l >= slog.LevelWarn:
		return "warning", "\x1b[33m"
	case l < slog.LevelInfo:
		return "debug", "\x1b[2m"
	}
	return "", ""
}

// WithAttrs implements slog.Handler.
func (v *voice) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *v
	next.attrs = append(append([]slog.Attr(nil), v.attrs...), attrs...)
	return &next
}

// WithGroup implements slog.Handler: the program has no groups.
func (v *voice) WithGroup(string) slog.Handler { return v }
