// Package rowfile opens files that are written row by row, at any place. Tests replace Open, to stop at
// any write; see rowfiletest.
package rowfile

import "os"

// File is what a writer of rows needs of a file.
type File interface {
	WriteAt(b []byte, at int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Open opens a file for writing, and makes it if there is none.
var Open = func(path string) (File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666) }
