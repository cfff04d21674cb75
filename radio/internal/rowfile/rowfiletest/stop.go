// Package rowfiletest stops a process, as its files see it, at any write.
package rowfiletest

import (
	"errors"

	"cradio/radio/internal/rowfile"
)

// ErrStopped is the error of a write at which the process stops.
var ErrStopped = errors.New("stopped")

// StopAt makes the write (or cut of a file) number n of all files stop: half of the bytes arrive, and
// nothing after them. It returns the number of writes so far, and a function that ends this.
func StopAt(n int, err error) (writes *int, restore func()) {
	before := rowfile.Open
	writes = new(int)
	rowfile.Open = func(path string) (rowfile.File, error) {
		f, openErr := before(path)
		if openErr != nil {
			return nil, openErr
		}
		return &stopping{f, writes, n, err}, nil
	}
	return writes, func() { rowfile.Open = before }
}

// stopping is a file that stops.
type stopping struct {
	rowfile.File
	writes *int
	at     int
	err    error
}

func (s *stopping) WriteAt(b []byte, at int64) (int, error) {
	*s.writes++
	switch {
	case *s.writes == s.at:
		n, _ := s.File.WriteAt(b[:len(b)/2], at)
		return n, s.err
	case *s.writes > s.at:
		return 0, s.err
	}
	return s.File.WriteAt(b, at)
}

func (s *stopping) Truncate(size int64) error {
	if *s.writes++; *s.writes >= s.at {
		return s.err
	}
	return s.File.Truncate(size)
}
