package hub

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// temporary is a failure that may be temporary.
type temporary struct {
	error
	after time.Duration // how long the server asks to wait; 0 if it does not
	deaf  bool          // there was no answer at all
}

func (t *temporary) Unwrap() error { return t.error }

const (
	inARow     = 6    // attempts of a request, and of a download without progress
	whileDeaf  = 3    // attempts of a request without an answer
	inAll      = 1000 // attempts for one file
	firstPause = 250 * time.Millisecond
	lastPause  = 20 * time.Second
	mostPause  = 10 * time.Minute // the longest wait that a server may ask for
)

// tries counts failed attempts.
type tries struct {
	most, deaf int // limits in a row: of all failures, and of those without an answer
	row, total int
}

// again waits before the next attempt, or returns the error if there is none. progress says that the last attempt made
// progress.
func (t *tries) again(ctx context.Context, c *Client, err error, progress bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var temp *temporary
	if !errors.As(err, &temp) {
		return err
	}
	if progress {
		t.row = 0
	}
	t.row++
	t.total++
	wait := min(firstPause<<(t.row-1), lastPause)
	wait += time.Duration(rand.Int64N(int64(wait)/4 + 1)) // others may have failed at the same time
	if t.row >= t.most || temp.deaf && t.row >= t.deaf || t.total >= inAll || temp.after > mostPause {
		return temp.error
	}
	wait = max(wait, temp.after)
	level := slog.LevelDebug
	if wait > 5*time.Second {
		level = slog.LevelInfo // so that a user knows why nothing happens
	}
	c.log().Log(ctx, level, "retrying", "because", temp.error, "in", wait.Round(time.Millisecond))
	return c.sleep(ctx, wait)
}

// settled is an error that is not retried.
func settled(err error) error {
	var temp *temporary
	if errors.As(err, &temp) {
		return temp.error
	}
	return err
}

// retryAfter returns the wait that Retry-After asks for, in seconds or as a date; 0 if there is none.
func (a *answer) retryAfter() time.Duration {
	text := strings.TrimSpace(a.header.Get("Retry-After"))
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at)).Round(time.Second)
	}
	return 0
}
