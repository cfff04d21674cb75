package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Ask is a request to a Process, one on each line. "case" prepares a case, and the answer
// has a Ready. "run" runs N forward passes, and the answer has their time.
type Ask struct {
	Do      string `json:"do"` // "case" or "run"
	Folder  string `json:"folder,omitempty"`
	Threads int    `json:"threads,omitempty"`
	Device  string `json:"device,omitempty"`
	*Case
	N int `json:"n,omitempty"`
}

// Answer is the answer to an Ask, on one line.
type Answer struct {
	*Ready
	Seconds float64 `json:"seconds,omitempty"` // of all N
	Error   string  `json:"error,omitempty"`
}

var errNoCase = errors.New("no case is prepared: ask for a case first")

// maxRuns is the limit of N of an Ask.
const maxRuns = 1 << 20

// Serve answers the Asks that it reads from in, one on each line, until the end of in. It
// runs this library in a process of its own.
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
		l.Threads, l.Device, l.Folder = ask.Threads, ask.Device, ask.Folder
		r, err := l.Prepare(ctx, *ask.Case)
		return &Answer{Ready: r}, err
	case ask.Do == "run" && ask.N > 0 && ask.N <= maxRuns:
		d, err := l.Run(ctx, ask.N)
		return &Answer{Seconds: d.Seconds()}, err
	}
	return nil, fmt.Errorf("cannot answer %q: want a case, or to run n times, from 1 to %d", ask.Do, maxRuns)
}
