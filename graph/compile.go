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
	// Check looks for the first NaN or infinity after each instruction.
	Check bool
}

func (t Target) pool() *cpu.Pool {
	if t.Pool == nil {
		return cpu.Default()
	}
	return t.Pool
}

// Compile turns what outputs need of the graph into a Program: prune, fuse,
// lower, place. It returns the Builder's first error, if there is one.
func (b *Builder) Compile(target Target, outputs ...*Node) (p *Program, err error) {
	defer recovered(&err, "compile")
	if b.err != nil {
		return nil, b.err
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
}

func (i *instr) name() string {
	if i.kernel == nil {
		return fmt.Sprintf("gorgonia %v", i.foreign)
	}
	return i.kernel.String()
}

func (i *instr) shapes() []tensor.Shape {
	s := make([]tensor.Shape, len(i.in))
	for j, v := range i.in {
		s[j] = v.shape
	}
	return s
}
