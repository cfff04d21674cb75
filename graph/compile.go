package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"
)

// Target are the options of Compile. The zero value is the default device, for weights
// that may change.
type Target struct {
	// Device runs the program. nil means the default device with its default options.
	Device Device
	// NoFusion makes every operation an instruction of its own.
	NoFusion bool
	// Consume allows a run to overwrite its inputs after reading them. They must then be
	// set before each run.
	Consume bool
	// Recompute lists scope paths, such as "blocks.3", of which the forward pass is computed
	// once more where its gradients need it, instead of being kept: memory for time. What
	// others than the scope read, its output, is kept. Results have the same bits.
	Recompute []string
	// Check makes a run stop at the first NaN or infinity: see NotFinite.
	Check bool
	// Fault returns the error for an address that cannot be read, such as that of a
	// weight in a mapped file that was shortened. Run and NewMachine return this error.
	// If Fault is nil or returns nil, the memory is not a weight's, and they panic.
	Fault func(addr uintptr) error
}

// Compile turns the part of the graph that the outputs need into a Program. It returns the
// Builder's first error, if there is one. An operation that the device lacks is an error
// that names the operation and its scope path.
//
// A small float32 Program with gradients may be computed in float64, with its outputs
// rounded once: see Device.Widens. With NoFusion it is not.
func (b *Builder) Compile(target Target, outputs ...*Node) (p *Program, err error) {
	defer recovered(&err, "compile")
	if b.err != nil {
		return nil, b.err
	}
	if target.Device == nil {
		if target.Device, err = standard(); err != nil {
			return nil, err
		}
	}
	p = &Program{target: target, device: target.Device, dtype: b.dtype, index: map[*Node]*Value{}, writer: map[*Weight]*Instruction{}}
	if err := p.prune(b, outputs); err != nil {
		return nil, err
	}
	if err := p.schedule(); err != nil { // before fusing, which keeps old values for readers
		return nil, err
	}
	for _, v := range p.index {
		v.frozen = v.weight != nil && !v.weight.trainable() && p.device.Freezes(v.weight)
	}
	if !target.NoFusion {
		p.fuse()
		if err := p.lossesWithGrads(); err != nil {
			return nil, err
		}
		p.widen()
		p.fold()
	}
	if err := p.recompute(); err != nil {
		return nil, err
	}
	if err := p.schedule(); err != nil {
		return nil, err
	}
	p.chooseForms()
	if err := p.implemented(); err != nil {
		return nil, err
	}
	p.place()
	return p, nil
}

// implemented is the error of the first instruction that the device lacks.
func (p *Program) implemented() error {
	for _, i := range slices.Concat(p.instrs, p.once) {
		if i.op != nil && !p.device.Implements(i.op, i.out.dtype) {
			return &NotImplemented{i.path, i.op, i.out.dtype, p.device.Name()}
		}
	}
	return nil
}

// NotImplemented is the error of a graph with an operation that the device lacks.
type NotImplemented struct {
	Path      string // the scope path of the operation
	Operation Operation
	Dtype     tensor.Dtype // of its output
	Device    string
}

func (e *NotImplemented) Error() string {
	others := slices.DeleteFunc(Devices(), func(name string) bool { return name == e.Device })
	advice := "; no other device is linked"
	if len(others) > 0 {
		advice = "; choose another device: " + strings.Join(others, ", ")
	}
	return fmt.Sprintf("%s: device %s does not implement %v of %v%s", e.Path, e.Device, e.Operation, e.Dtype, advice)
}
