package output

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
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

// floats appends values, little-endian.
func (s *spool) floats(values []float32) error {
	const chunk = 1 << 16
	for len(values) > 0 {
		now := values[:min(chunk, len(values))]
		values = values[len(now):]
		s.buffer = s.buffer[:0]
		for _, v := range now {
			s.buffer = binary.LittleEndian.AppendUint32(s.buffer, math.Float32bits(v))
		}
		if err := s.bytes(s.buffer); err != nil {
			return err
		}
	}
	return nil
}

func (s *spool) bytes(p []byte) error {
	n, err := s.file.Write(p)
	s.size += int64(n)
	return err
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
