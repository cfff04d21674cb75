package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// spool is a temporary file beside the output, appended to and then read.
type spool struct {
	file   *os.File
	size   int64
	buffer []byte
}

// newSpool makes a temporary file for the output at path. Where the system
// lets an open file be removed it is nameless from the start, so that not even
// a crash leaves it behind.
func newSpool(path string) (*spool, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".cradio-*.tmp")
	if err != nil {
		return nil, notWritten(path, err)
	}
	os.Remove(f.Name())
	return &spool{file: f}, nil
}

// notWritten says that the folder of path did not take what was to be written.
func notWritten(path string, err error) error {
	do := "make room there, make the folder writable, or choose another"
	if errors.Is(err, fs.ErrNotExist) {
		do = "the folder does not exist: make it first"
	}
	return fmt.Errorf("%s: not written: %w; %s", path, err, do)
}

// part appends the elements of a part as numbers of a type.
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

// section reads n bytes from offset on, until ctx is done.
func (s *spool) section(ctx context.Context, offset, n int64) io.Reader {
	return &cancellable{ctx, io.NewSectionReader(s.file, offset, n)}
}

// Close removes the file.
func (s *spool) Close() error {
	err := s.file.Close()
	os.Remove(s.file.Name()) // already gone but on Windows
	return err
}

// cancellable reads until ctx is done.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
