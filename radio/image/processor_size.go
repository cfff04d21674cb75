package image

import (
	"encoding/json"
	"fmt"
)

func (p *Processor) readSize(raw []byte) error {
	var edge int
	if json.Unmarshal(raw, &edge) == nil {
		p.Height, p.Width, p.ShortestEdge = 0, 0, edge
		return positive(raw, edge)
	}
	h, w, edge, err := readSizeKeys(raw, true)
	p.Height, p.Width, p.ShortestEdge = h, w, edge
	return err
}

// squareSize makes a bare number a square: what default_to_square asks for.
func (p *Processor) squareSize(size []byte) {
	var edge int
	if json.Unmarshal(size, &edge) == nil && edge > 0 {
		p.Height, p.Width, p.ShortestEdge = edge, edge, 0
	}
}

func (p *Processor) readCropSize(raw []byte) error {
	var edge int
	if json.Unmarshal(raw, &edge) == nil {
		p.CropHeight, p.CropWidth = edge, edge
		return positive(raw, edge)
	}
	h, w, _, err := readSizeKeys(raw, false)
	p.CropHeight, p.CropWidth = h, w
	return err
}

// readSizeKeys reads {"height", "width"}, [height, width], or, where edges are allowed,
// {"shortest_edge"}. The other shapes of transformers (longest_edge, max_height and max_width,
// min_pixels and max_pixels) ask for other resize rules and are refused.
func readSizeKeys(raw []byte, edges bool) (h, w, edge int, err error) {
	want := `{"height", "width"}`
	if edges {
		want += ` or {"shortest_edge"}`
	}
	var list []int
	if json.Unmarshal(raw, &list) == nil && len(list) == 2 {
		return list[0], list[1], 0, positive(raw, list...)
	}
	var keys map[string]*int
	if err := json.Unmarshal(raw, &keys); err != nil {
		return 0, 0, 0, fmt.Errorf("want %s with whole numbers, found %s", want, clip(raw))
	}
	value := func(name string) int {
		v := keys[name]
		delete(keys, name)
		if v == nil {
			return 0
		}
		return *v
	}
	h, w = value("height"), value("width")
	if edges {
		edge = value("shortest_edge")
	}
	for name, v := range keys {
		if v != nil {
			return 0, 0, 0, fmt.Errorf("%q: want %s, found %s", name, want, clip(raw))
		}
	}
	if pair := h != 0 || w != 0; pair == (edge != 0) {
		return 0, 0, 0, fmt.Errorf("want %s, found %s", want, clip(raw))
	}
	if edge != 0 {
		return 0, 0, edge, positive(raw, edge)
	}
	return h, w, 0, positive(raw, h, w)
}

func positive(raw []byte, values ...int) error {
	for _, v := range values {
		if v < 1 || v > maxResizeSide {
			return fmt.Errorf("want 1 to %d pixels, found %s", maxResizeSide, clip(raw))
		}
	}
	return nil
}
