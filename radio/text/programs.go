package text

import (
	"errors"
	"slices"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// size is that of a batch: texts, and positions of each.
type size struct{ texts, length int }

// program is a tower compiled for a size, and the machine that runs it.
type program struct {
	size
	tokens, positions, ends, features *graph.Node
	machine                           graph.Machine
}

// programsMost is how many sizes are kept.
const programsMost = 8

// programs are those that were used last, the latest at the end.
type programs struct{ list []*program }

// get finds the program of a size, or makes it.
func (p *programs) get(s size, compile func(size) (*program, error)) (*program, error) {
	if i := slices.IndexFunc(p.list, func(one *program) bool { return one.size == s }); i >= 0 {
		found := p.list[i]
		p.list = append(slices.Delete(p.list, i, i+1), found)
		return found, nil
	}
	if len(p.list) == programsMost {
		if err := p.list[0].machine.Close(); err != nil {
			return nil, err
		}
		p.list = slices.Delete(p.list, 0, 1)
	}
	made, err := compile(s)
	if err != nil {
		return nil, err
	}
	p.list = append(p.list, made)
	return made, nil
}

func (p *programs) close() error {
	var errs []error
	for _, one := range p.list {
		errs = append(errs, one.machine.Close())
	}
	p.list = nil
	return errors.Join(errs...)
}

// compile makes the program of a size.
func (t *Tower) compile(s size) (*program, error) {
	g := graph.New(tensor.Float32).Lazy()
	p := &program{size: s}
	p.tokens, p.positions, p.ends = g.Input("embedding", s.texts, s.length, t.net.Width), g.Input("positions", s.length), g.Input("ends", s.texts)
	p.features = t.net.embedded(g, p.tokens, p.positions, p.ends)
	compiled, err := g.Compile(graph.Target{Device: t.device, Fault: t.fault}, p.features)
	if err != nil {
		return nil, err
	}
	p.machine, err = graph.NewMachine(compiled)
	return p, err
}
