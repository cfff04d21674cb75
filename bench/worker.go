package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Ask is a line that a Process is sent. "case" wants a Ready in return, with its
// case run once; "run" the time of N forward passes.
type Ask struct {
	Do      string `json:"do"` // "case" or "run"
	Folder  string `json:"folder,omitempty"`
	Threads int    `json:"threads,omitempty"`
	*Case
	N int `json:"n,omitempty"`
}

// Answer is the line that comes back.
type Answer struct {
	*Ready
	Seconds float64 `json:"seconds,omitempty"` // of all N
	Error   string  `json:"error,omitempty"`
}

var errNoCase = errors.New("no case is ready")

// maxRuns bounds the N of an Ask.
const maxRuns = 1 << 20

// Serve is our side as a process: it answers asks, one a line, until they end.
func Serve(ctx context.Context, asks io.Reader, answers io.Writer) error {
	local := &Local{}
	defer local.Close()
	in, out := json.NewDecoder(bufio.NewReader(asks)), json.NewEncoder(answers)
	for {
		var ask Ask
		if err := in.Decode(&ask); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("benchmark worker: %w", err)
		}
		answer, err := local.answer(ctx, &ask)
		if err != nil {
			answer = &Answer{Error: err.Error()}
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
}

func (l *Local) answer(ctx context.Context, ask *Ask) (*Answer, error) {
	switch {
	case ask.Do == "case" && ask.Case != nil:
		l.Threads, l.Folder = ask.Threads, ask.Folder
		r, err := l.Prepare(ctx, *ask.Case)
		return &Answer{Ready: r}, err
	case ask.Do == "run" && ask.N > 0 && ask.N <= maxRuns:
		d, err := l.Run(ctx, ask.N)
		return &Answer{Seconds: d.Seconds()}, err
	}
	return nil, fmt.Errorf("asked to %q: want a case, or to run n times", ask.Do)
}
