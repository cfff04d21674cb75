package output

import (
	"context"
	"cradio/radio/output/internal/line"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// spool is a temporary file in the folder of the output. It is first appended to, then read.
type spool struct {
	file   *os.File
	size   int64
	buffer []byte
}

// newSpool creates a temporary file for the output at path. If the system can remove an open
// file, its name is removed immediately, so that even a crash does not leave the file behind.
func newSpool(path string) (*spool, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".cradio-*.tmp")
	if err != nil {
		return nil, notWritten(path, err)
	}
	os.Remove(f.Name())
	return &spool{file: f}, nil
}

// notWritten is the error of a failed write to the folder of path.
func notWritten(path string, err error) error {
	do := "free some space, make the folder writable, or choose another folder"
	if errors.Is(err, fs.ErrNotExist) {
		do = "the folder does not exist: make it first"
	}
	return fmt.Errorf("%s: not written: %w; %s", path, err, do)
}

// part appends the elements of a part, rounded to a type.
func (s *spool) part(p Part, d DType) error {
	const chunk = 1 << 16
	for i := 0; i < len(p.Data); {
		s.buffer = s.buffer[:0]
		for end := min(i+chunk, len(p.Data)); i < end; i++ {
			s.buffer = d.append(s.buffer, p.At(i))
		}
		if _, err := s.Write(s.buffer); err != nil {
			return err
		}
	}
	return nil
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.size += int64(n)
	return n, err
}

// section returns a reader of n bytes at offset. It stops when ctx is done.
func (s *spool) section(ctx context.Context, offset, n int64) io.Reader {
	return line.Reader(ctx, io.NewSectionReader(s.file, offset, n))
}

// Close removes the file.
func (s *spool) Close() error {
	err := s.file.Close()
	os.Remove(s.file.Name()) // only needed on Windows
	return err
}
