package machine

import (
	"errors"
	"iter"

	"cradio/cpu"
	"cradio/graph"
)

// PackedBytes implements graph.Device.
func (d *Device) PackedBytes(p *graph.Program) (all, missing int) {
	if d.options.Packed == nil {
		return 0, 0
	}
	type size struct {
		form       cpu.Form
		rows, cols int
	}
	sizes := map[size]int{}
	seen := map[pack]bool{}
	for _, i := range p.Instructions() {
		f, ok := packOf(i)
		if !ok || seen[f] {
			continue
		}
		seen[f] = true
		s := size{f.form, f.weight.Shape()[0], f.weight.Shape()[1]}
		if _, ok := sizes[s]; !ok {
			sizes[s] = f.bytes(d.pool)
		}
		all += sizes[s]
		if d.options.Packed.lack(f) {
			missing += sizes[s]
		}
	}
	return all, missing
}

// packOf is the packed weight that i reads, if there is one.
func packOf(i *graph.Instruction) (f pack, ok bool) {
	if i.Operation() == nil {
		return f, false
	}
	how := of(i.Operation())
	if how == nil || how.weight == 0 || !i.In()[how.weight].Frozen() {
		return f, false
	}
	f = pack{i.In()[how.weight].Weight(), cpu.Dense}
	if form := i.In()[0].Form(); form != graph.Dense {
		f.form = formOf(form)
	}
	return f, true
}

// Layout implements graph.PackedDevice.
func (d *Device) Layout() string { return d.pool.Layout() }

// Held implements graph.PackedDevice.
func (d *Device) Held() int {
	if d.options.Packed == nil {
		return 0
	}
	return d.options.Packed.Bytes()
}

// Packed implements graph.PackedDevice.
func (d *Device) Packed() iter.Seq[graph.PackedWeight] {
	return func(yield func(graph.PackedWeight) bool) {
		if d.options.Packed == nil {
			return
		}
		for w, m := range d.options.Packed.All() {
			p, _, _ := m.Form()
			packed := graph.PackedWeight{Weight: w, Precision: graph.Precision(p.String())}
			for _, s := range m.Sections() {
				packed.Sections = append(packed.Sections, graph.Section(s))
			}
			if !yield(packed) {
				return
			}
		}
	}
}

// Restore implements graph.PackedDevice.
func (d *Device) Restore(w *graph.Weight, p graph.Precision, section func(name string) []byte) error {
	if d.options.Packed == nil {
		return errors.New("the device has no packed weights: open it for frozen weights")
	}
	of, err := cpu.ParseForm(string(p))
	if err != nil {
		return err
	}
	return d.options.Packed.Restore(d.pool, w, of, section)
}
