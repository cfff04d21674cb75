package cuda

import (
	"errors"
	"fmt"
	"math"

	"cradio/graph"
)

// stored is a frozen weight in a form.
type stored struct {
	weight *graph.Weight
	form   graph.Form
}

// weights are the frozen weights in memory of the device. All programs share them.
type weights map[stored]*memory

// memory is an allocation.
type memory struct {
	at      Pointer
	version int // of the weight that it holds
}

// storedOf returns the weight that input `at` of i is, in the form in which i reads it.
func storedOf(i *graph.Instruction, at int) (s stored, ok bool) {
	v := i.In()[at]
	if !v.Frozen() || v.Weight() == nil || i.Operation() == nil {
		return s, false
	}
	s = stored{v.Weight(), graph.Dense}
	if how := of(i.Operation()); how != nil && how.weight == at && at > 0 && i.In()[0].Form() == BF16 {
		s.form = BF16
	}
	return s, true
}

// get returns where a weight is, and puts it there first if it is missing or has changed.
func (w weights) get(d Driver, s stored) (Pointer, error) {
	version := s.weight.Version()
	if m := w[s]; m != nil && m.version == version {
		return m.at, nil
	}
	value, err := s.weight.Value()
	if err != nil {
		return 0, err
	}
	data := bytesOf(value, s.form)
	defer s.weight.Release()
	m := w[s]
	if m == nil {
		m = &memory{version: never}
		if m.at, err = d.Alloc(max(len(data), 1)); err != nil {
			return 0, fmt.Errorf("weight %s %v, %s: %w: close a model, or choose a smaller one", s.weight.Name, s.weight.Shape(), graph.Bytes(int64(len(data))), err)
		}
		w[s] = m
	}
	if err := d.Upload(m.at, data); err != nil {
		return 0, fmt.Errorf("copying weight %s %v: %w", s.weight.Name, s.weight.Shape(), err)
	}
	m.version = version
	return m.at, nil
}

// free gives all memory back.
func (w weights) free(d Driver) error {
	var errs []error
	for s, m := range w {
		errs = append(errs, d.Free(m.at))
		delete(w, s)
	}
	return errors.Join(errs...)
}

// toBF16 rounds to the nearest bfloat16, of two the even one.
func toBF16(x float32) uint16 {
	if x != x {
		return 0x7fff
	}
	b := math.Float32bits(x)
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
