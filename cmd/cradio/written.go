package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// written is standard output. It remembers the first write error, so that commands need not
// check every print, and a run that lost output does not end with success.
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

// close closes standard output. Some file systems report a full disk only then.
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

// notPrinted is an error of standard output.
type notPrinted struct{ err error }

func (n *notPrinted) Error() string {
	return fmt.Sprintf("standard output: %v: the output is incomplete", n.err)
}
func (n *notPrinted) Unwrap() error { return n.err }

// nobodyReads reports whether the reader of a pipe has closed it, as head does.
func nobodyReads(err error) bool {
	lost := (*notPrinted)(nil)
	return errors.As(err, &lost) && isClosedPipe(lost.err)
}
