package radio

import (
	"context"
	"errors"
	"fmt"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// Forward computes the summary and the features of pixels (B, 3, H, W), float32 in
// [0, 1], or also float64 where the model computes in float64. They may lie in memory in
// any order. H and W must be multiples of Config.Step.
func (m *Model) Forward(ctx context.Context, pixels *tensor.Dense) (*Output, error) {
	return m.Run(ctx, pixels, Request{})
}

// ErrClosed is returned by a model that has been closed.
var ErrClosed = errors.New("the model is closed")

// Run computes what a request asks for. When ctx ends, it stops within one kernel. If a file of the
// model has been truncated or written to since it was opened, the error is a *ChangedError, in this
// call and all later ones. If there is not enough memory, it is a *TooLargeError, and nothing was
// allocated.
func (m *Model) Run(ctx context.Context, pixels *tensor.Dense, req Request) (*Output, error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if pixels == nil {
		return nil, errors.New("pixels are nil, want (B, 3, H, W) of float32")
	}
	s := pixels.Shape()
	if len(s) != 4 || s[1] != 3 || s[0] < 1 {
		return nil, fmt.Errorf("pixels are %v, want (B, 3, H, W)", s)
	}
	l, err := m.borrow(ctx, s[0], s[2], s[3], req, func(on graph.Machine, input *graph.Node) error { return on.Set(input, pixels) })
	if err != nil {
		return nil, err
	}
	defer l.release()
	return &Output{Convert(l.Outputs, clone)}, nil
}

// borrow computes what a request asks for, of pixels (batch, 3, height, width). The outputs lie in the
// memory of a machine. The caller holds closing.
func (m *Model) borrow(ctx context.Context, batch, height, width int, req Request, fill filler) (*borrowed, error) {
	if m.closed {
		return nil, ErrClosed
	}
	if err := m.checkSize(height, width); err != nil {
		return nil, err
	}
	p, err := m.program(batch, height, width, req)
	if err != nil {
		return nil, err
	}
	l, err := m.pass(ctx, p, batch, height, width, req, fill)
	if changed := m.files.changed(); changed != nil {
		if err == nil {
			l.release()
		}
		return nil, changed
	}
	return l, err
}

// pass waits for its place, and runs one forward pass.
func (m *Model) pass(ctx context.Context, p *program, batch, height, width int, req Request, fill filler) (*borrowed, error) {
	e := Event{Batch: batch, Height: height, Width: width}
	start := m.clock()
	err := m.passes.enter(ctx)
	m.report(EventWait, start, err, e)
	if err != nil {
		return nil, err
	}
	defer m.passes.leave()
	start = m.clock()
	l, err := m.runIn(ctx, p, batch, height, width, req, fill)
	m.report(EventForward, start, err, e)
	return l, err
}

// checkSize refuses sizes that the model does not take. It warns once of a size beyond the position
// table.
func (m *Model) checkSize(height, width int) error {
	if err := m.config.CheckSize(height, width); err != nil {
		return err
	}
	most := m.config.MaxResolution
	if max(height, width) > most {
		if _, seen := m.warned.LoadOrStore([2]int{height, width}, true); !seen {
			m.log.Warn("image is larger than the model was trained for: its position table is extrapolated",
				"height", height, "width", width, "max_resolution", most)
		}
	}
	return nil
}

// Plan is the compiled program for a size, which prints itself.
func (m *Model) Plan(batch, height, width int, req Request) (*graph.Program, error) {
	return m.plan(batch, height, width, func() (*program, error) { return m.program(batch, height, width, req) })
}

// PlanFor is the program for another device than the model's, such as one that is not there.
func (m *Model) PlanFor(d graph.Device, batch, height, width int, req Request) (*graph.Program, error) {
	return m.plan(batch, height, width, func() (*program, error) {
		if err := req.check(m.net); err != nil {
			return nil, err
		}
		target := m.target
		target.Device = d
		return m.compile(target, batch, height, width, req)
	})
}

func (m *Model) plan(batch, height, width int, compile func() (*program, error)) (*graph.Program, error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	if batch < 1 {
		return nil, fmt.Errorf("batch is %d, must be at least 1", batch)
	}
	if err := m.config.CheckSize(height, width); err != nil {
		return nil, err
	}
	p, err := compile()
	if err != nil {
		return nil, err
	}
	return p.compiled, nil
}
