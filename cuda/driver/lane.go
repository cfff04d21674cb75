//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"errors"
	"fmt"

	"cradio/cuda"

	"gorgonia.org/cu"
)

// lane is a stream, and the memory through which its copies go. What streams do is ordered by events alone.
type lane struct {
	stream  cu.Stream
	staging staging
}

func (l *lane) upload(to cu.DevicePtr, from []byte) error {
	return l.staging.upload(to, from, l.stream)
}

func (l *lane) download(to []byte, from cu.DevicePtr) error {
	return l.staging.download(to, from, l.stream)
}

// finish waits for the stream, and gives the memory back.
func (l *lane) finish() error {
	if l.stream == cu.NoStream {
		return nil
	}
	return errors.Join(l.stream.Synchronize(), l.staging.close())
}

// close gives the stream back.
func (l *lane) close() error {
	if l.stream == cu.NoStream {
		return nil
	}
	return l.stream.Destroy()
}

// Send implements cuda.Driver.
func (g *gpu) Send(to cuda.Pointer, from []byte) error {
	return g.do(func() error {
		if err := g.in.upload(cu.DevicePtr(to), from); err != nil {
			return err
		}
		if err := g.sent.Record(g.in.stream); err != nil {
			return err
		}
		return g.stream.Wait(g.sent, 0)
	})
}

// Receive implements cuda.Driver.
func (g *gpu) Receive(to []byte, from cuda.Pointer, after cuda.Mark) error {
	m, ok := after.(*mark)
	if !ok || m.gpu != g {
		return fmt.Errorf("a %T is not a mark of this driver", after)
	}
	return g.do(func() error {
		if err := g.out.stream.Wait(m.event, 0); err != nil {
			return err
		}
		return g.out.download(to, cu.DevicePtr(from))
	})
}

// mark is an event of the stream of launches.
type mark struct {
	gpu   *gpu
	event cu.Event
}

// Mark implements cuda.Driver.
func (g *gpu) Mark() (cuda.Mark, error) {
	m := &mark{gpu: g}
	err := g.do(func() (err error) {
		m.event, err = cu.MakeEvent(cu.DisableTiming)
		return err
	})
	if err != nil {
		return nil, err
	}
	g.marks[m] = true
	return m, nil
}

// Set implements cuda.Mark.
func (m *mark) Set() error { return m.gpu.do(func() error { return m.event.Record(m.gpu.stream) }) }

// Wait implements cuda.Mark.
func (m *mark) Wait() error { return m.gpu.do(m.event.Synchronize) }

// Close implements cuda.Mark.
func (m *mark) Close() error {
	if !m.gpu.marks[m] {
		return nil
	}
	delete(m.gpu.marks, m)
	return m.gpu.release(func() error { return cu.DestroyEvent(&m.event) })
}
