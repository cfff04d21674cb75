package conformance

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio"

	"gorgonia.org/tensor"
)

// errNotRun is wrapped by the error of a runner that cannot compute a case yet: it is reported as
// not run.
var errNotRun = errors.New("not run")

// trainingCase is a case while it is computed in one way. Its methods record the first error, which
// fails the case; a runner may look at err.
type trainingCase struct {
	*data
	ctx     context.Context
	report  *TrainingReport
	way     trainingWay
	opt     Options
	machine machine
	facts   map[string]json.RawMessage
	seen    map[string]bool // names of truth/ that were compared
	err     error
}

// name is the case's name: "losses/dice".
func (c *trainingCase) name() string { return c.bundle.Name }

// tape reports whether the TapeMachine computes it, which has no state: updates do not run on it,
// and truth/buffer/ is not compared.
func (c *trainingCase) tape() bool { return c.opt.Machine == Tape }

// stateOnTape reports whether a tensor of truth/ is state that the TapeMachine does not have.
func (c *trainingCase) stateOnTape(name string) bool {
	return c.tape() && strings.HasPrefix(name, "buffer/")
}

// dtype is the element type of graphs.
func (c *trainingCase) dtype() tensor.Dtype {
	if c.opt.DType == radio.Float64 {
		return tensor.Float64
	}
	return tensor.Float32
}

// fail records the first error.
func (c *trainingCase) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// option decodes an option of the case's entry in the manifest. It reports whether there is one.
func (c *trainingCase) option(key string, to any) bool {
	raw, ok := c.facts[key]
	if !ok {
		return false
	}
	if err := json.Unmarshal(raw, to); err != nil {
		c.fail("option %s is %.80s: %v", key, raw, err)
		return false
	}
	return true
}

// number is a numeric option, or what it is without one.
func (c *trainingCase) number(key string, without float64) float64 {
	c.option(key, &without)
	return without
}

// text is an option of text, or "".
func (c *trainingCase) text(key string) (s string) {
	c.option(key, &s)
	return s
}

// list names the tensors or options that are listed under a key: "constant", "zero".
func (c *trainingCase) list(key string) (names []string) {
	c.option(key, &names)
	return names
}

// has reports whether the bundle has a tensor: "input/valid".
func (c *trainingCase) has(name string) bool {
	_, ok := c.Lookup(name)
	return ok
}

// values returns a tensor of any type as float64, and its shape.
func (c *trainingCase) values(name string) ([]float64, []int) {
	info, _ := c.Lookup(name)
	if info.DType == loader.F64 {
		raw, err := c.Bytes(name)
		if err != nil {
			c.fail("%w", err)
		}
		out := make([]float64, len(raw)/8)
		for i := range out {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		return out, info.Shape
	}
	if f, err := c.Float32(name, info.Shape...); err == nil {
		out := make([]float64, len(f))
		for i, v := range f {
			out[i] = float64(v)
		}
		return out, info.Shape
	}
	n, err := c.Int64(name, info.Shape...)
	if err != nil {
		c.fail("%w", err)
	}
	out := make([]float64, len(n))
	for i, v := range n {
		out[i] = float64(v)
	}
	return out, info.Shape
}

// tensor returns a tensor of any type in the element type of graphs: labels become numbers of
// classes, masks 0 and 1. A shape, if given, replaces its own; it must have as many elements.
func (c *trainingCase) tensor(name string, shape ...int) *tensor.Dense {
	values, own := c.values(name)
	if shape == nil {
		shape = own
	}
	if product(shape) != len(values) {
		c.fail("%s has shape %v, which cannot become %v", name, own, shape)
		shape = own
	}
	if c.dtype() == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	}
	singles := make([]float32, len(values))
	for i, v := range values {
		singles[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(singles))
}

// compare compares a tensor with truth/<name>, element by element: "output/loss", "grad/x",
// "buffer/bn.running_var". The shape may be another with as many elements.
func (c *trainingCase) compare(name string, ours *tensor.Dense) {
	values, err := float64s(ours)
	if err != nil {
		c.report.fail(c.name(), c.way, name, err)
		return
	}
	c.compareValues(name, values)
}

// compareUpdated is compare of a weight that so many updates have rounded.
func (c *trainingCase) compareUpdated(name string, ours *tensor.Dense, updates int) {
	before := len(c.report.Tensors)
	c.compare(name, ours)
	for i := range c.report.Tensors[before:] {
		c.report.Tensors[before+i].updates = updates
	}
}

// compareValues is compare of float64.
func (c *trainingCase) compareValues(name string, ours []float64) { c.compareRounded(name, ours, 0) }

// compareRounded is compareValues of a number that may be off by so much.
func (c *trainingCase) compareRounded(name string, ours []float64, off float64) {
	c.seen[name] = true
	truth, shape, ours, err := c.rounded(name, ours)
	if err != nil {
		c.report.fail(c.name(), c.way, name, err)
		return
	}
	theirs, ok := c.bundle.errors(c.opt.DType)[name]
	if !ok {
		c.report.fail(c.name(), c.way, name, fmt.Errorf("%s has no torch_error of it", manifestName))
		return
	}
	t, err := compare(c.name(), name, ours, truth, &Baseline{Error: theirs, By: peer(c.opt.DType)})
	if err != nil {
		c.report.fail(c.name(), c.way, name, err)
		return
	}
	t.Tokens = tokens(withoutOnes(shape))
	kind := manyNumbers
	switch {
	case slices.Contains(c.list("zero"), name):
		kind = zeroNumbers
		for _, v := range ours {
			t.Ours.Max = max(t.Ours.Max, v, -v)
		}
	case len(truth) == 1:
		kind = oneNumber
	}
	c.report.Tensors = append(c.report.Tensors, TrainingTensor{Tensor: t, Way: c.way.name, kind: kind, size: rms(truth), off: off})
}

// rounded returns truth/<name> in float32. Where the bundle holds it in float64, what rounding it takes
// away is taken from ours too: the distance between them stays that from the value in float64.
func (c *trainingCase) rounded(name string, ours []float64) (truth []float32, shape []int, shifted []float64, err error) {
	if info, ok := c.Lookup(truthPrefix + name); !ok || info.DType != loader.F64 {
		truth, shape, err = c.truth(name)
		return truth, shape, ours, err
	}
	exact, shape := c.values(truthPrefix + name)
	if c.err != nil {
		return nil, nil, nil, c.err
	}
	truth, shifted = make([]float32, len(exact)), slices.Clone(ours)
	for i, v := range exact {
		truth[i] = float32(v)
		if i < len(shifted) {
			shifted[i] -= v - float64(truth[i])
		}
	}
	return truth, shape, shifted, nil
}

// compareEqual compares whole numbers, such as pixels, with truth/<name>: each must be equal.
func (c *trainingCase) compareEqual(name string, ours []float64) {
	c.seen[name] = true
	truth, _ := c.values(truthPrefix + name)
	if c.err != nil {
		return
	}
	if len(ours) != len(truth) {
		c.report.fail(c.name(), c.way, name, fmt.Errorf("has %d values, want %d as in the reference", len(ours), len(truth)))
		return
	}
	t := Tensor{Bundle: c.name(), Name: name, Baseline: &Baseline{By: PyTorch}}
	for i, want := range truth {
		d := math.Abs(ours[i] - want)
		t.Ours.Max = max(t.Ours.Max, d)
		t.Ours.RMS += d * d / float64(len(truth))
	}
	t.Ours.RMS = math.Sqrt(t.Ours.RMS)
	c.report.Tensors = append(c.report.Tensors, TrainingTensor{Tensor: t, Way: c.way.name, kind: equalNumbers})
}

// withoutOnes is a shape without axes of one element at its end, which weights of 1×1 convolutions
// have.
func withoutOnes(shape []int) []int {
	for len(shape) > 1 && shape[len(shape)-1] == 1 {
		shape = shape[:len(shape)-1]
	}
	return shape
}
