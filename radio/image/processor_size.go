package image

import (
	"encoding/json"
	"fmt"
)

func (p *Processor) readSize(raw []byte) error {
	var edge int
	if json.Unmarshal(raw, &edge) == nil {
		p.setSize(sizeKeys{edge: edge})
		return positive(raw, edge)
	}
	k, err := readSizeKeys(raw, true)
	p.setSize(k)
	return err
}

func (p *Processor) setSize(k sizeKeys) {
	p.Height, p.Width, p.ShortestEdge, p.LongestEdge = k.h, k.w, k.edge, k.long
}

// squareSize makes a single number the size of a square, as default_to_square requires.
func (p *Processor) squareSize(size []byte) {
	var edge int
	if json.Unmarshal(size, &edge) == nil && edge > 0 {
		p.setSize(sizeKeys{h: edge, w: edge})
	}
}

func (p *Processor) readCropSize(raw []byte) error {
	var edge int
	if json.Unmarshal(raw, &edge) == nil {
		p.CropHeight, p.CropWidth = edge, edge
		return positive(raw, edge)
	}
	k, err := readSizeKeys(raw, false)
	p.CropHeight, p.CropWidth = k.h, k.w
	return err
}

// sizeKeys are the numbers of a size. Missing ones are 0.
type sizeKeys struct{ h, w, edge, long int }

// readSizeKeys reads {"height", "width"}, [height, width] or, if edges are allowed,
// {"shortest_edge"}, {"longest_edge"} or both. The other forms of transformers (max_height and
// max_width, min_pixels and max_pixels) are errors, since they resize in other ways.
func readSizeKeys(raw []byte, edges bool) (k sizeKeys, err error) {
	want := `{"height", "width"}`
	if edges {
		want += `, {"shortest_edge"} or {"longest_edge"}`
	}
	var list []int
	if json.Unmarshal(raw, &list) == nil && len(list) == 2 {
		return sizeKeys{h: list[0], w: list[1]}, positive(raw, list...)
	}
	var keys map[string]*int
	if err := json.Unmarshal(raw, &keys); err != nil {
		return k, fmt.Errorf("want %s with whole numbers, found %s", want, clip(raw))
	}
	value := func(name string) int {
		v := keys[name]
		delete(keys, name)
		if v == nil {
			return 0
		}
		return *v
	}
	k.h, k.w = value("height"), value("width")
	if edges {
		k.edge, k.long = value("shortest_edge"), value("longest_edge")
	}
	for name, v := range keys {
		if v != nil {
			return k, fmt.Errorf("%q: want %s, found %s", name, want, clip(raw))
		}
	}
	square, byEdge := k.h != 0 || k.w != 0, k.edge != 0 || k.long != 0
	switch {
	case square == byEdge:
		return k, fmt.Errorf("want %s, found %s", want, clip(raw))
	case square:
		return k, positive(raw, k.h, k.w)
	case k.edge == 0:
		return k, positive(raw, k.long)
	case k.long == 0:
		return k, positive(raw, k.edge)
	}
	return k, positive(raw, k.edge, k.long)
}

func positive(raw []byte, values ...int) error {
	for _, v := range values {
		if v < 1 || v > maxResizeSide {
			return fmt.Errorf("want 1 to %d pixels, found %s", maxResizeSide, clip(raw))
		}
	}
	return nil
}
