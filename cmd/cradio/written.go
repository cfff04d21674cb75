package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// written is standard output, which remembers the first error of a write: commands may
// then print without looking, and none ends with success when something was lost.
type written struct {
	to    io.Writer
	mu    sync.Mutex
	began bool
	err   error
}

// Write implements io.Writer. After an error nothing more is written.
func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	w.began = true
	n, err := w.to.Write(p)
	if err != nil {
		w.err = &notPrinted{err}
	}
	return n, w.err
}

// close says what was written is complete. Some disks tell only then that they are full.
func (w *written) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f, ok := w.to.(*os.File); ok && f == os.Stdout && w.began && w.err == nil {
		if err := f.Close(); err != nil {
			w.err = &notPrinted{err}
		}
	}
	return w.err
}

// notPrinted is the error of standard output.
type notPrinted struct{ err error }

func (n *notPrinted) Error() string {
	return fmt.Sprintf("standard output: %v: what is printed is not complete", n.err)
}
func (n *notPrinted) Unwrap() error { return n.err }

// nobodyReads says that err is of a pipe whose reader has seen enough, as head does.
func nobodyReads(err error) bool {
	lost := (*notPrinted)(nil)
	return errors.As(err, &lost) && isClosedPipe(lost.err)
}
