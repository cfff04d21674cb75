package graph

import (
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"

	"gorgonia.org/tensor"
)

// Program is a compiled graph: instructions in order, and a place in one arena for
// every tensor. It is immutable. Each Machine that runs it has its own arena.
type Program struct {
	target  Target
	device  Device
	dtype   tensor.Dtype
	instrs  []*Instruction
	once    []*Instruction
	inputs  []*Value
	outputs []*Value
	index   map[*Node]*Value
	arena   int

	derivative bool // there are gradients among the instructions

	writer  map[*Weight]*Instruction // the Update of a weight
	updates []*Weight                // the weights, in the order of their Updates

	sharing sync.Mutex // guards those below
	made    bool
	version int // of the weights that shared is made of
	shared  any
	failed  error
}

// NewMachine loads a program on its device. If there is not enough memory, it returns a
// *MemoryError and allocates nothing.
func NewMachine(p *Program) (Machine, error) { return p.device.Load(p) }

// Target returns the options with which the program was compiled.
func (p *Program) Target() Target { return p.target }

// Device returns what the program was compiled for.
func (p *Program) Device() Device { return p.device }

// Instructions returns those that each run executes, in order. The list must not be
// changed.
func (p *Program) Instructions() []*Instruction { return p.instrs }

// Once returns the instructions that compute the same at each run, since all that they
// read are frozen weights, such as the resize of a position table. They are to run once,
// for the first Machine of the program; no value of theirs has a place in the arena.
func (p *Program) Once() []*Instruction { return p.once }

// Updates returns the weights that a run writes: see Update.
func (p *Program) Updates() []*Weight { return p.updates }

// Shared returns what make returned at the first call since a weight that Once reads has
// changed: what all Machines of the program share, such as the values of Once.
func (p *Program) Shared(make func() (any, error)) (any, error) {
	p.sharing.Lock()
	defer p.sharing.Unlock()
	version := 0
	for _, i := range p.once {
		for _, v := range i.in {
			version += v.weight.Version()
		}
	}
	if !p.made || version != p.version {
		p.made, p.version = true, version
		p.shared, p.failed = make()
	}
	return p.shared, p.failed
}

// Inputs returns the nodes whose values Machine.Set sets.
func (p *Program) Inputs() []*Node { return nodes(p.inputs) }

// Outputs returns the nodes whose values Machine.Value returns, in the order of Compile.
func (p *Program) Outputs() []*Node { return nodes(p.outputs) }

func nodes(values []*Value) []*Node {
	list := make([]*Node, len(values))
	for i, v := range values {
		list[i] = v.node
	}
	return list
}

// Value returns the value of a node, nil if the program has none.
func (p *Program) Value(n *Node) *Value { return p.index[n] }

// FLOPs counts the floating-point operations of the products of one run: see
// Operation.FLOPs.
func (p *Program) FLOPs() (total float64) {
	for _, i := range p.instrs {
		total += i.FLOPs()
	}
	return total
}

// ArenaBytes returns the memory of one Machine: activations, inputs, outputs and
// working memory, without the weights.
func (p *Program) ArenaBytes() int { return p.arena }

// PackedBytes returns the memory of the packed weights that the program reads. It does
// not pack them.
func (p *Program) PackedBytes() int {
	all, _ := p.device.PackedBytes(p)
	return all
}

// NeedBytes returns the memory that a new Machine needs: its arena, and the packed
// weights that do not exist yet.
func (p *Program) NeedBytes() int64 {
	_, missing := p.device.PackedBytes(p)
	return int64(p.arena) + int64(missing)
}

// Room returns a *MemoryError if there is not enough memory for a new Machine and for
// beside more bytes, which the caller needs.
func (p *Program) Room(beside int64) error { return p.device.Room(p.NeedBytes() + beside) }

// String prints the program, one line for each instruction: the scope path, the
// operation, the shape of the output, the form that it reads and writes, and the
// place of the output in the arena. Instructions that run only once come last; their
// outputs are not in the arena.
func (p *Program) String() string { return p.Annotated("", func(int) string { return "" }) }

// Annotated is String with more columns under heading. note returns the text for the
// n-th of the instructions that run each time. Tabs separate columns.
func (p *Program) Annotated(heading string, note func(n int) string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(format, more string, args ...any) {
		if more != "" {
			more = "\t" + more
		}
		fmt.Fprintf(w, format+"%s\n", append(args, more)...)
	}
	line("#\tpath\toperation\toutput\tform\toffset\tbytes", heading)
	for n, i := range p.instrs {
		line("%d\t%s\t%s\t%v\t%s\t%d\t%d", note(n), n, i.path, i, i.out.shape, i.form(), i.out.offset, i.out.size)
	}
	for _, i := range p.once {
		line("once\t%s\t%s\t%v\t%s\t\t%d", "", i.path, i, i.out.shape, i.form(), p.bytes(i.out))
	}
	w.Flush()
	fmt.Fprintf(&b, "%d instructions, arena %d bytes\n", len(p.instrs), p.arena)
	return b.String()
}
