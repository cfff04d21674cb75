package radio

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// TapPath is a tensor inside the model that a request may ask for in Taps.
type TapPath struct {
	Path  string
	Shape []int // as in Output.Taps; the first axis is that of images, or of their windows
}

// Paths lists the tensors that Request.Taps may name in a forward pass of a batch of images of
// height×width pixels, sorted by path. What else the request asks for, such as adaptors, adds
// some; its own Taps do not matter. Nothing is computed.
func (m *Model) Paths(batch, height, width int, req Request) ([]TapPath, error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	if batch < 1 {
		return nil, fmt.Errorf("batch is %d: must be at least 1", batch)
	}
	if err := m.config.CheckSize(height, width); err != nil {
		return nil, err
	}
	if err := req.check(m.net); err != nil {
		return nil, err
	}
	g, err := m.sketch(batch, height, width, req)
	if err != nil {
		return nil, err
	}
	var list []TapPath
	for _, path := range g.Paths() {
		n, err := g.Node(path)
		if err != nil {
			return nil, err
		}
		list = append(list, TapPath{path, slices.Clone([]int(n.Shape()))})
	}
	slices.SortFunc(list, func(a, b TapPath) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// sketch builds the graph of a request, to look at and not to run.
func (m *Model) sketch(batch, height, width int, req Request) (*graph.Builder, error) {
	g := graph.New(m.dtype).Lazy()
	m.net.Forward(g, g.Input("pixels", batch, 3, height, width), height, width, req)
	return g, g.Err()
}

// tapRows says how many entries along the first axis each tap of a batch has for one image:
// 1, or the number of its windows. It is 0 where images share a tensor, which a larger batch
// shows.
func (m *Model) tapRows(batch, height, width int, req Request, taps map[string]*graph.Node) (map[string]int, error) {
	if len(taps) == 0 {
		return nil, nil
	}
	larger, err := m.sketch(batch+1, height, width, req)
	if err != nil {
		return nil, err
	}
	rows := map[string]int{}
	for path, n := range taps {
		other, err := larger.Node(path)
		if n == nil || err != nil {
			continue // compiling says why
		}
		if s := n.Shape(); !s.Eq(other.Shape()) {
			rows[path] = s[0] / batch
		} else {
			rows[path] = 0
		}
	}
	return rows, nil
}

// tapOf is the part of a tap that is image i's: without an axis of images where it has one
// entry for each, (windows, …) where it has several, and all of it where images share it.
func tapOf(d *tensor.Dense, rows, i int) *tensor.Dense {
	switch rows {
	case 0:
		return d
	case 1:
		return entry(d, i)
	}
	windows := make([]int, 0, d.Dims()+1)
	windows = append(append(windows, d.Shape()[0]/rows, rows), d.Shape()[1:]...)
	return entry(reshaped(d, windows), i)
}

// joinTaps is the inverse: of images of one size, what Model.Run gives for them as a batch.
func joinTaps(parts []*tensor.Dense, rows int) *tensor.Dense {
	switch rows {
	case 0:
		return parts[0]
	case 1:
		return stack(parts)
	}
	d := stack(parts)
	return reshaped(d, append([]int{len(parts) * rows}, d.Shape()[2:]...))
}

// reshaped is d with another shape of as many elements, sharing its memory.
func reshaped(d *tensor.Dense, shape []int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d.Data()))
}
