package cuda

import (
	"slices"

	"cradio/graph"
)

// Images are copied as bytes where only Patches reads them: its kernels look up what a byte means.

// pixels is the input of a machine that may come as bytes.
type pixels struct {
	value  *graph.Value
	on     bool      // the next run reads bytes, which lie in the device's memory in the place of the numbers
	bytes  []byte    // (B, H, W, C)
	levels []float32 // (C, 256)
	at     Pointer   // of the levels
	sent   bool      // the levels are there
}

// levels is an argument: where the levels of an input lie.
type levels struct{ of *graph.Value }

// pixelsOf is the input of p that may come as bytes, nil if there is none.
func pixelsOf(p *graph.Program) *graph.Value {
	for _, n := range p.Inputs() {
		if v := p.Value(n); onlyPatches(p, v) {
			return v
		}
	}
	return nil
}

// onlyPatches says whether instructions read v, and all of them cut patches.
func onlyPatches(p *graph.Program, v *graph.Value) (read bool) {
	for _, i := range p.Instructions() {
		_, cuts := i.Operation().(graph.Patches)
		for at, x := range i.In() {
			if x != v {
				continue
			}
			if !cuts || at > 0 {
				return false
			}
			read = true
		}
	}
	return read
}

// fromBytes is i where it cuts patches of bytes. ok is false for another instruction.
func fromBytes(i *graph.Instruction, v *graph.Value) (s step, ok bool) {
	k, cuts := i.Operation().(graph.Patches)
	if !cuts || v == nil || i.In()[0] != v {
		return s, false
	}
	return cutPatches(k, i, "patches_bytes_"+form(i.Out()), v, levels{v}), true
}

// Bytes implements graph.ByteMachine.
func (m *machine) Bytes(n *graph.Node, levels []float32) []byte {
	v := m.program.Value(n)
	if v == nil || m.pixels == nil || v != m.pixels.value {
		return nil
	}
	p := m.pixels
	if len(levels) != 256*v.Shape()[1] {
		return nil
	}
	if p.bytes == nil {
		p.bytes = make([]byte, size(v.Shape()))
	}
	if !slices.Equal(p.levels, levels) {
		p.levels, p.sent = slices.Clone(levels), false
	}
	p.on = true
	return p.bytes
}

// asNumbers says that v is read as numbers.
func (m *machine) asNumbers(v *graph.Value) {
	if m.pixels != nil && m.pixels.value == v {
		m.pixels.on = false
	}
}

// asBytes says whether the next run reads bytes.
func (m *machine) asBytes() bool { return m.pixels != nil && m.pixels.on }

// send copies bytes, and what they mean where that is new.
func (p *pixels) send(d Driver, to Pointer) error {
	if !p.sent {
		if err := d.Send(p.at, appendTo(nil, p.levels)); err != nil {
			return err
		}
		p.sent = true
	}
	return d.Send(to, p.bytes)
}

// numbers writes what the bytes mean, (B, C, H, W).
func (p *pixels) numbers(to []float32) {
	s := p.value.Shape()
	channels, n := s[1], s[2]*s[3]
	for i := range to {
		c := i / n % channels
		to[i] = p.levels[256*c+int(p.bytes[(i/n/channels*n+i%n)*channels+c])]
	}
}
