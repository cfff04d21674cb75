package radio

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"
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
