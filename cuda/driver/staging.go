//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// staging is memory of the host that a GPU reads and writes by itself ("pinned"), in two parts: one
// is copied to or from while the GPU has the other.
type staging struct {
	parts [2]part
	next  int
}

// part is half of it.
type part struct {
	bytes []byte
	busy  cu.Event // until the copy of the GPU that was asked for last
	event bool     // busy has been made
}

// partBytes is large enough that starting copies costs nothing beside them.
const partBytes = 4 << 20

// open allocates what is missing.
func (s *staging) open() (err error) {
	for i := range s.parts {
		p := &s.parts[i]
		if p.bytes == nil {
			if p.bytes, err = allocHost(partBytes); err != nil {
				return fmt.Errorf("%d bytes of pinned memory: %w", partBytes, err)
			}
		}
		if !p.event {
			if p.busy, err = cu.MakeEvent(cu.DisableTiming); err != nil {
				return err
			}
			p.event = true
		}
	}
	return nil
}

// take returns the part whose turn it is, once the GPU has done with it.
func (s *staging) take() (*part, error) {
	p := &s.parts[s.next]
	s.next = 1 - s.next
	return p, p.busy.Synchronize()
}

// upload returns when from has been read.
func (s *staging) upload(to cu.DevicePtr, from []byte, stream cu.Stream) error {
	if err := s.open(); err != nil {
		return err
	}
	for len(from) > 0 {
		p, err := s.take()
		if err != nil {
			return err
		}
		n := copy(p.bytes, from)
		if err := cu.MemcpyHtoDAsync(to, unsafe.Pointer(&p.bytes[0]), int64(n), stream); err != nil {
			return err
		}
		if err := p.busy.Record(stream); err != nil {
			return err
		}
		from, to = from[n:], to+cu.DevicePtr(n)
	}
	return nil
}

// download returns when to has been written. While the GPU fills one part, the other is emptied.
func (s *staging) download(to []byte, from cu.DevicePtr, stream cu.Stream) error {
	if err := s.open(); err != nil {
		return err
	}
	var filling *part
	var into []byte
	empty := func() error {
		if filling == nil {
			return nil
		}
		err := filling.busy.Synchronize()
		copy(into, filling.bytes)
		return err
	}
	for len(to) > 0 {
		p, err := s.take()
		if err != nil {
			return err
		}
		n := min(len(p.bytes), len(to))
		if err := cu.MemcpyDtoHAsync(unsafe.Pointer(&p.bytes[0]), from, int64(n), stream); err != nil {
			return err
		}
		if err := p.busy.Record(stream); err != nil {
			return err
		}
		if err := empty(); err != nil {
			return err
		}
		filling, into = p, to[:n]
		to, from = to[n:], from+cu.DevicePtr(n)
	}
	return empty()
}

// close frees it. The stream must have done all that was asked for.
func (s *staging) close() error {
	var errs []error
	for i := range s.parts {
		p := &s.parts[i]
		if p.bytes != nil {
			errs = append(errs, cu.MemFreeHost(unsafe.Pointer(&p.bytes[0])))
		}
		if p.event {
			errs = append(errs, cu.DestroyEvent(&p.busy))
		}
	}
	*s = staging{}
	return errors.Join(errs...)
}
