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

// temporary is a failure that may pass.
type temporary struct {
	error
	after time.Duration // what the server asks to wait; 0 if it does not
	deaf  bool          // nobody answered at all
}

func (t *temporary) Unwrap() error { return t.error }

const (
	inARow     = 6    // tries of a question, and of a download without a byte of progress
	whileDeaf  = 3    // tries of a question that nobody answers
	inAll      = 1000 // tries for one file
	firstPause = 250 * time.Millisecond
	lastPause  = 20 * time.Second
	mostPause  = 10 * time.Minute // that a server may ask for
)

// tries counts how often something failed.
type tries struct {
	most, deaf int // in a row: in all, and where nobody answers
	row, total int
}

// again waits for the next try, or gives the error that there is none. progress says that the last one was not in vain.
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
		level = slog.LevelInfo // so that who watches knows why nothing moves
	}
	c.log().Log(ctx, level, "trying again", "because", temp.error, "in", wait.Round(time.Millisecond))
	return c.sleep(ctx, wait)
}

// settled is an error that is not tried again.
func settled(err error) error {
	var temp *temporary
	if errors.As(err, &temp) {
		return temp.error
	}
	return err
}

// retryAfter is what Retry-After asks for, in seconds or as a date; 0 if it does not.
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
