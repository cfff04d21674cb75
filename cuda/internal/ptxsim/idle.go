package ptxsim

// shape is what a block can be used for again.
type shape struct {
	kernel          *Kernel
	threads, shared int
	races, count    bool
}

func (d *Device) shapeOf(k *Kernel, l *Launch) shape {
	return shape{k, l.threads(), l.Shared, d.Races, d.Count}
}

// mostIdle bounds the blocks that are kept of a shape.
const mostIdle = 16

// block returns a block for a launch: one that has been kept, or a new one.
func (d *Device) block(k *Kernel, l *Launch, params []byte, globals map[string]uint64) *block {
	d.mu.Lock()
	s := d.shapeOf(k, l)
	var b *block
	if idle := d.idle[s]; len(idle) > 0 {
		b = idle[len(idle)-1]
		d.idle[s] = idle[:len(idle)-1]
	}
	d.mu.Unlock()
	if b == nil {
		return newBlock(d, k, l, params, globals)
	}
	b.launch, b.params, b.last = l, params, nil
	return b
}

// keep adds what a block counted to the device's counts, and keeps it for another launch.
func (d *Device) keep(b *block) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range b.warps {
		d.steps += w.steps
		d.traffic.add(w.traffic.Traffic)
		w.steps, w.traffic.Traffic = 0, Traffic{}
	}
	if s := d.shapeOf(b.kernel, b.launch); len(d.idle[s]) < mostIdle {
		d.idle[s] = append(d.idle[s], b)
	}
}
