package radio

import (
	"fmt"

	"cradio/graph"
	"cradio/radio/checkpoint"
	"cradio/radio/packs"
)

// restore gives the pack's matrices to a device. weights are those of the model; the pack must have no
// others. All have been checked. The error is a *packs.Error.
func (s *packedSource) restore(weights []*graph.Weight, to graph.PackedDevice) error {
	err := s.broken
	if err == nil {
		err = s.restoreAll(weights, to)
	}
	if err != nil {
		return &packs.Error{Path: s.pack.Path, Err: err}
	}
	return nil
}

func (s *packedSource) restoreAll(list []*graph.Weight, to graph.PackedDevice) error {
	weights := make(map[string]*graph.Weight, len(list))
	for _, w := range list {
		weights[w.Name] = w
	}
	for name := range s.pack.Weights() {
		if weights[name] == nil {
			return fmt.Errorf("tensor %q: the model has no such weight", name)
		}
	}
	forms, err := s.pack.Forms()
	if err != nil {
		return err
	}
	for _, f := range forms {
		precision := graph.Precision(f.Precision)
		if err := precision.Check(); err != nil {
			return fmt.Errorf("weight %q: %w", f.Weight, err)
		}
		w := weights[f.Weight]
		if w == nil {
			return fmt.Errorf("the model has no weight %q", f.Weight)
		}
		if f.Entry >= 0 {
			w, err = w.Index(f.Entry)
		}
		if err == nil {
			err = to.Restore(w, precision, func(name string) []byte { return f.Sections[name] })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// packedSource reads from a pack what the pack holds as it is, and other tensors from the checkpoint.
type packedSource struct {
	*checkpoint.Tensors
	pack   *packs.Pack
	broken error // of the first tensor that the pack has wrong
}

// Float32 implements layers.Source.
func (s *packedSource) Float32(name string, shape ...int) ([]float32, error) {
	return s.Float32Into(nil, name, shape...)
}

// Float32Into implements layers.Source.
func (s *packedSource) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	if _, ok := s.pack.File().Lookup(name); ok {
		return s.pack.File().Float32Into(dst, name, shape...)
	}
	return s.Tensors.Float32Into(dst, name, shape...)
}

// Check implements layers.Source: the checkpoint has to be right in any case.
func (s *packedSource) Check(name string, shape ...int) error {
	if _, ok := s.pack.File().Lookup(name); ok && s.broken == nil {
		s.broken = s.pack.File().Check(name, shape...)
	}
	return s.Tensors.Check(name, shape...)
}

// Release implements layers.Source.
func (s *packedSource) Release(name string) {
	s.pack.File().Release(name)
	s.Tensors.Release(name)
}
