package graph

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Program is a compiled graph: instructions in order, and a place in one arena for
// every tensor. It is immutable. Each Machine that runs it has its own arena.
type Program struct {
	target  Target
	dtype   tensor.Dtype
	instrs  []*instr
	inputs  []*value
	outputs []*value
	index   map[*Node]*value
	folded  *folded // nil without fusion
	arena   int

	derivative bool // there are gradients among the instructions
}

// ArenaBytes returns the memory of one Machine: activations, inputs, outputs and
// working memory, without the weights.
func (p *Program) ArenaBytes() int { return p.arena }

// PackedBytes returns the memory of the packed weights that the program reads. It does
// not pack them.
func (p *Program) PackedBytes() int { return p.packedBytes(func(pack) bool { return true }) }

// missingBytes is that of those which are not packed yet.
func (p *Program) missingBytes() int {
	if p.target.Packs == nil {
		return 0
	}
	return p.packedBytes(p.target.Packs.lack)
}

func (p *Program) packedBytes(counts func(pack) bool) int {
	if p.target.Packs == nil {
		return 0
	}
	type size struct {
		precision  cpu.Precision
		rows, cols int
	}
	sizes := map[size]int{}
	seen := map[pack]bool{}
	total := 0
	for _, i := range p.instrs {
		k, ok := i.kernel.(Packer)
		if !ok || !i.in[k.Packs()].frozen {
			continue
		}
		f := pack{i.in[k.Packs()].weight, cpu.Full}
		if n, ok := k.(narrowLinear); ok {
			f.precision = n.precision
		}
		if seen[f] || !counts(f) {
			continue
		}
		seen[f] = true
		s := size{f.precision, f.weight.Shape()[0], f.weight.Shape()[1]}
		if _, ok := sizes[s]; !ok {
			sizes[s] = f.bytes()
		}
		total += sizes[s]
	}
	return total
}

// Inputs returns the nodes whose values Machine.Set sets.
func (p *Program) Inputs() []*Node {
	nodes := make([]*Node, len(p.inputs))
	for i, v := range p.inputs {
		nodes[i] = v.node
	}
	return nodes
}

// Instructions returns the number of instructions.
func (p *Program) Instructions() int { return len(p.instrs) }

// String prints the program, one line for each instruction: the scope path, the
// operation, the shape of the output, the precision that it reads and writes, and the
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
		line("%d\t%s\t%s\t%v\t%s\t%d\t%d", note(n), n, i.path, i.name(), i.out.shape, i.form(), i.out.offset, i.out.size)
	}
	if p.folded != nil {
		for _, i := range p.folded.instrs {
			line("once\t%s\t%s\t%v\t%s\t\t%d", "", i.path, i.name(), i.out.shape, i.form(), i.out.bytes())
		}
	}
	w.Flush()
	fmt.Fprintf(&b, "%d instructions, arena %d bytes\n", len(p.instrs), p.arena)
	return b.String()
}
