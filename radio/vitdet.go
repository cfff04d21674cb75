package radio

import (
	"fmt"

	"cradio/graph"
	"cradio/layers"
)

// ViTDet runs most blocks inside windows of Window×Window patches, and every
// few blocks globally, as RADIO's ViTDet mode does: attention then costs less
// on large images. The last block is always global.
type ViTDet struct {
	Window int // patches a side; 0 takes vitdet_window_size of config.json
	// NumWindowed blocks in windows come before each global one; if 0,
	// NumGlobal says how many global blocks there are. If that is 0 too, the
	// checkpoint's schedule is taken, or 4 global blocks.
	NumWindowed, NumGlobal int
}

// schedule says which blocks run in windows.
type schedule struct {
	layers.Windows
	period int // 0: no windows
}

// or takes the schedule of the checkpoint, where none is given.
func (v ViTDet) or(c *Config) ViTDet {
	if v.NumWindowed == 0 && v.NumGlobal == 0 {
		v.NumWindowed, v.NumGlobal = c.NumWindowed, c.NumGlobal
	}
	return v
}

// apply sets the window of a configuration, and checks the schedule.
func (v ViTDet) apply(c *Config) error {
	if v.Window != 0 {
		c.Window = v.Window
	}
	if c.Window < 0 || v.NumWindowed < 0 || v.NumGlobal < 0 {
		return fmt.Errorf("ViTDet: window %d, num_windowed %d, num_global %d: must not be negative", c.Window, v.NumWindowed, v.NumGlobal)
	}
	if c.Window > 0 && v.period(c.Depth) < 2 {
		return fmt.Errorf("ViTDet: %d global blocks of %d leave none to run in windows; use fewer", max(v.NumGlobal, defaultGlobal), c.Depth)
	}
	return nil
}

// defaultGlobal is the number of global blocks unless told otherwise, from
// RADIO's vitdet.py.
const defaultGlobal = 4

// period is the distance from one group of windowed blocks to the next.
func (v ViTDet) period(depth int) int {
	if v.NumWindowed > 0 {
		return v.NumWindowed + 1
	}
	n := v.NumGlobal
	if n == 0 {
		n = defaultGlobal
	}
	return max(depth/n, 1)
}

func newSchedule(c *Config, v ViTDet) schedule {
	if c.Window == 0 {
		return schedule{}
	}
	return schedule{layers.Windows{Size: c.Window, Prefix: c.Prefix()}, v.period(c.Depth)}
}

// runBlocks applies the blocks to x (B, T, D), and records what leaves each.
func (n *Network) runBlocks(g *graph.Builder, x *graph.Node, t *tokens, paths []*layers.DropPath) *graph.Node {
	v := n.windows
	if v.period > 0 {
		x = v.Reorder(g.At("vitdet.reorder"), x, t.h, t.w)
	}
	var held *graph.Node // the prefix, while x is windows
	for i, b := range n.Blocks {
		s := g.At("blocks", i)
		if v.period > 0 {
			last := i == len(n.Blocks)-1
			switch {
			case held != nil && (last || i%v.period == v.period-1):
				x, held = v.Leave(s, held, x), nil
			case held == nil && !last && i%v.period == 0:
				held, x = v.Enter(s, x)
			}
		}
		var path *layers.DropPath
		if i < len(paths) {
			path = paths[i]
		}
		x = b.Train(s, x, path)
		t.blocks = append(t.blocks, x)
	}
	if v.period > 0 {
		x = v.Restore(g.At("vitdet.restore"), x, t.h, t.w)
	}
	return x
}

// windowed says whether block i sees windows; see runBlocks.
func (n *Network) windowed(i int) bool {
	v := n.windows
	return v.period > 0 && i < len(n.Blocks)-1 && i%v.period != v.period-1
}
