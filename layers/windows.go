package layers

import "cradio/graph"

// Windows splits a patch grid into windows of Size×Size patches, as ViTDet does. In
// most blocks, attention is computed within each window.
//
// Reorder is used once, before the first block, to make the patches of each window
// contiguous. After that, Enter and Leave only regroup tokens. Restore restores the
// original order after the last block.
type Windows struct {
	Size   int // side of a window, patches
	Prefix int // tokens before the patches; they are not part of any window
}

// Reorder maps tokens x (B, Prefix+h·w, D) to window order.
func (v Windows) Reorder(g *graph.Builder, x *graph.Node, h, w int) *graph.Node {
	return g.Reorder(x, v.order(h, w))
}

// Restore undoes Reorder.
func (v Windows) Restore(g *graph.Builder, x *graph.Node, h, w int) *graph.Node {
	order := v.order(h, w)
	back := make([]int, len(order))
	for i, t := range order {
		back[t] = i
	}
	return g.Reorder(x, back)
}

// Enter splits x into the prefix, held (B, Prefix, D), and the windows, each a
// batch entry: (B·windows, Size·Size, D).
func (v Windows) Enter(g *graph.Builder, x *graph.Node) (held, windows *graph.Node) {
	return g.At("held").Slice(x, 0, v.Prefix), g.At("windows").Groups(x, v.Prefix, v.Size*v.Size)
}

// Leave joins the prefix and the windows to (B, Prefix+h·w, D), in window order.
func (v Windows) Leave(g *graph.Builder, held, windows *graph.Node) *graph.Node {
	return g.At("rejoin").Concat(held, windows)
}

// order lists the tokens: the prefix, then the patches window by window.
func (v Windows) order(h, w int) []int {
	order := make([]int, 0, v.Prefix+h*w)
	for i := range v.Prefix {
		order = append(order, i)
	}
	for wy := 0; wy < h; wy += v.Size {
		for wx := 0; wx < w; wx += v.Size {
			for y := wy; y < wy+v.Size; y++ {
				for x := wx; x < wx+v.Size; x++ {
					order = append(order, v.Prefix+y*w+x)
				}
			}
		}
	}
	return order
}
