package graph

import (
	"fmt"

	"cradio/cpu"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Target says how a graph is compiled; the zero value is the fastest that is
// exact to the conformance marks.
type Target struct {
	// Pool runs the kernels; nil is cpu.Default().
	Pool *cpu.Pool
	// NoFusion keeps every operation an instruction of its own.
	NoFusion bool
	// Packs holds packed weights, shared among programs. Nil computes with the
	// weights as they lie, which is what weights that change need.
	Packs *Packs
	// Precision is that of attention and of products with packed weights; norms,
	// sums and everything else stay float32. Only float32 graphs with Packs have
	// others than cpu.Full.
	Precision cpu.Precision
	// Consume lets a run write over its inputs once they are read, which must then be
	// given before each run.
	Consume bool
	// Check looks for the first NaN or infinity after each instruction.
	Check bool
	// Fault, where not nil, is asked what is wrong with memory that cannot be read, such
	// as that of a weight in a mapped file that has become shorter: Run and NewMachine
	// return its error. Where that is nil the memory is none of a weight's, and they
	// panic.
	Fault func(addr uintptr) error
}

// panicked is the error for a panic at a place. Memory that cannot be read is no matter of
// a place: if Fault does not know it the panic goes on.
func (t Target) panicked(p any, path string) error {
	addr, fault := cpu.FaultAddress(p)
	if !fault {
		return fmt.Errorf("%s: panic: %v", path, p)
	}
	if t.Fault != nil {
		if err := t.Fault(addr); err != nil {
			return err
		}
	}
	panic(p)
}

func (t Target) pool() *cpu.Pool {
	if t.Pool == nil {
		return cpu.Default()
	}
	return t.Pool
}

// Compile turns what outputs need of the graph into a Program: prune, fuse, widen,
// fold, lower, place. It returns the Builder's first error, if there is one.
//
// With gradients among its operations a small float32 Program is computed in float64,
// and its outputs are rounded once. What is small is for cpu.SetSmall to say, when the
// graph is compiled; 0 leaves all in float32, as NoFusion does.
func (b *Builder) Compile(target Target, outputs ...*Node) (p *Program, err error) {
	defer recovered(&err, "compile")
	if b.err != nil {
		return nil, b.err
	}
	if target.Precision > cpu.Int8 {
		return nil, fmt.Errorf("precision is %v, want %v, %v or %v", target.Precision, cpu.Full, cpu.BFloat16, cpu.Int8)
	}
	p = &Program{target: target, dtype: b.dtype, index: map[*Node]*value{}}
	if err := p.prune(b, outputs); err != nil {
		return nil, err
	}
	for _, v := range p.index {
		v.frozen = target.Packs != nil && v.weight != nil
	}
	if !target.NoFusion {
		p.fuse()
		p.widen()
		p.fold()
	}
	p.lower()
	p.place()
	return p, nil
}

// value is a tensor of a program.
type value struct {
	node   *Node
	shape  tensor.Shape
	dtype  tensor.Dtype
	form   cpu.Precision // in which it lies in the arena: Full is as dtype says
	kind   kind
	weight *Weight // or nil
	frozen bool    // a weight that never changes: it may be packed
	scalar bool    // a Gorgonia scalar, only among foreign operations
	block
}

// kind says where a value's memory comes from.
type kind int

const (
	computed kind = iota // by an instruction, in the arena
	result               // the same, and kept to the end of the run
	input                // copied in before a run, in the arena, kept
	bound                // a weight: the memory of its node's value
)

// instr is one instruction: a Kernel, or a foreign operation, one of Gorgonia's own.
type instr struct {
	path    string
	kernel  Kernel
	foreign G.Op
	in      []*value
	out     *value
	scratch *value // or nil
	glances bool   // lets go of the weights that it reads after each run
}

func (i *instr) name() string {
	if i.kernel == nil {
		return fmt.Sprintf("gorgonia %v", i.foreign)
	}
	return i.kernel.String()
}

// form is that of the first input and of the output, one where they are the same.
func (i *instr) form() string {
	out := i.out.formName()
	if len(i.in) == 0 || i.in[0].formName() == out {
		return out
	}
	return i.in[0].formName() + "→" + out
}

func (v *value) formName() string {
	if v.form == cpu.Full {
		return v.dtype.String()
	}
	return v.form.String()
}

func (i *instr) shapes() []tensor.Shape {
	s := make([]tensor.Shape, len(i.in))
	for j, v := range i.in {
		s[j] = v.shape
	}
	return s
}
