package train

import (
	"errors"
	"fmt"
	"slices"

	"cradio/graph"
	"cradio/radio/optim"

	"gorgonia.org/tensor"
)

// kept in a checkpoint under these prefixes.
const (
	weightPrefix = "weight."
	bufferPrefix = "buffer."
	optimPrefix  = "optim."
)

// stored is a weight of a run's state, with its name in checkpoints.
type stored struct {
	name   string
	weight *graph.Weight
}

// stateOf lists all that a step changes.
func stateOf(t Task, o *optim.Optimizer) (all []stored) {
	for _, s := range []struct {
		prefix  string
		weights []*graph.Weight
	}{{weightPrefix, t.Weights()}, {bufferPrefix, t.Buffers()}, {optimPrefix, o.State()}} {
		for _, w := range s.weights {
			all = append(all, stored{s.prefix + w.Name, w})
		}
	}
	return all
}

// tensors gives the state for a checkpoint. They share the weights' memory.
func tensorsOf(state []stored) ([]Tensor, error) {
	list := make([]Tensor, len(state))
	for i, s := range state {
		v, err := s.weight.Value()
		if err != nil {
			return nil, err
		}
		if v.Dtype() != tensor.Float32 {
			return nil, fmt.Errorf("%s is %v: only float32 is saved", s.name, v.Dtype())
		}
		list[i] = Tensor{s.name, slices.Clone(v.Shape()), v.Float32s()}
	}
	return list, nil
}

// restore sets the state to that of a checkpoint, all of it or nothing.
func restore(state []stored, c *Checkpoint) error {
	saved := map[string]Tensor{}
	for _, t := range c.Tensors {
		saved[t.Name] = t
	}
	var errs []error
	for _, s := range state {
		t, ok := saved[s.name]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("the checkpoint of step %d has no %s", c.Step, s.name))
		case !slices.Equal(t.Shape, s.weight.Shape()):
			errs = append(errs, fmt.Errorf("the checkpoint of step %d has %s of shape %v, want %v", c.Step, s.name, t.Shape, s.weight.Shape()))
		}
		delete(saved, s.name)
	}
	for name := range saved {
		errs = append(errs, fmt.Errorf("the checkpoint of step %d has %s, which nothing here uses", c.Step, name))
	}
	if err := errors.Join(errs[:min(len(errs), 3)]...); err != nil {
		return err
	}
	for _, t := range c.Tensors {
		saved[t.Name] = t
	}
	for _, s := range state {
		v, err := s.weight.Value()
		if err != nil {
			return err
		}
		copy(v.Float32s(), saved[s.name].Data)
		s.weight.Changed()
	}
	return nil
}
