package cuda

import (
	"errors"
	"fmt"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// trained are the weights that programs may write, in memory of the device, by the weight that owns the
// memory: an entry of it lies within. All machines share them; the last one to close brings them home.
//
// What a program writes stays on the device (graph.Weight.HeldBy) until somebody asks for the value. What
// has changed in main memory since the device had it is copied before the next run.
type trained map[*graph.Weight]*resident

// resident is a weight on the device.
type resident struct {
	memory
	users int // machines
}

// trainable is the weight that owns the memory of v, if programs may write it; else nil.
func trainable(v *graph.Value) *graph.Weight {
	if v.Weight() == nil {
		return nil
	}
	if whole, _ := v.Weight().Whole(); whole.Trainable {
		return whole
	}
	return nil
}

// reside gives a trainable weight memory, and places v there.
func (m *machine) reside(v *graph.Value) error {
	whole, offset := v.Weight().Whole()
	d := m.device
	r := d.trained[whole]
	if r == nil {
		n := d.Bytes(whole.Shape(), whole.Dtype(), graph.Dense)
		p, err := d.driver.Alloc(max(n, 1))
		if err != nil {
			return fmt.Errorf("%s, %s: %w: close a model, or train fewer blocks", whole.Name, graph.Bytes(int64(n)), err)
		}
		r = &resident{memory: memory{p, never}}
		d.trained[whole] = r
	}
	if m.trained[whole] == nil {
		m.trained[whole] = r
		r.users++
	}
	m.places[v] = r.at + Pointer(offset*int(whole.Dtype().Size()))
	return nil
}

// never is the version of a weight that has not been copied yet.
const never = -1

// fromOthers brings weights that another device has written to main memory. The caller does not hold the
// lock, which the other device may wait for.
func (m *machine) fromOthers() error {
	for w := range m.trained {
		if h := w.Holder(); h != nil && h != graph.Holder(m.device) {
			if err := w.Home(); err != nil {
				return err
			}
		}
	}
	return nil
}

// refresh copies weights that have changed in main memory to the device.
func (m *machine) refresh() error {
	for w, r := range m.trained {
		version := w.Version()
		if r.version == version {
			continue
		}
		x, err := w.Value()
		if err != nil {
			return err
		}
		if err := m.device.driver.Upload(r.at, bytesOf(x, graph.Dense)); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		r.version = version
	}
	return nil
}

// wrote says that an instruction has changed the weights that it writes.
func (m *machine) wrote(i *graph.Instruction) {
	u, ok := i.Operation().(graph.Update)
	if !ok {
		return
	}
	for _, v := range i.In()[:u.Writes()] {
		v.Weight().HeldBy(m.device)
		whole, _ := v.Weight().Whole()
		m.trained[whole].version = whole.Version()
	}
}

// Fetch implements graph.Holder.
func (d *Device) Fetch(w *graph.Weight, to *tensor.Dense) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.trained[w]
	if r == nil {
		return errors.New("the device has given back its memory")
	}
	return into(to, func(b []byte) error { return d.driver.Download(b, r.at) })
}

// home brings all weights to main memory.
func (d *Device) home() error {
	d.mu.Lock()
	var list []*graph.Weight
	for w := range d.trained {
		list = append(list, w)
	}
	d.mu.Unlock()
	return d.bring(list)
}

// bring brings those weights that this device has written to main memory.
func (d *Device) bring(list []*graph.Weight) error {
	var errs []error
	for _, w := range list {
		if w.Holder() == graph.Holder(d) {
			errs = append(errs, w.Home())
		}
	}
	return errors.Join(errs...)
}

// leave gives back what the machine was the last to use.
func (m *machine) leave() error {
	var errs []error
	for w, r := range m.trained {
		if r.users--; r.users == 0 {
			errs = append(errs, m.device.driver.Free(r.at))
			delete(m.device.trained, w)
		}
	}
	clear(m.trained)
	return errors.Join(errs...)
}

// free gives all memory back.
func (t trained) free(d Driver) error {
	var errs []error
	for w, r := range t {
		errs = append(errs, d.Free(r.at))
		delete(t, w)
	}
	return errors.Join(errs...)
}
