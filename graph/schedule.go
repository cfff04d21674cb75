package graph

import (
	"fmt"
	"slices"
)

// schedule orders the instructions. The order of prune, which is depth first from one output
// after another, stays, but for two things:
//
//   - what nothing but an Update or a norm of gradients reads, as a gradient of a weight,
//     comes as soon as what it needs is there, and so does the Update. So what gradients are
//     computed of need not be kept, and of one that an Update takes nothing is;
//   - an Update comes after all that reads the old value of a weight.
func (p *Program) schedule() error {
	s := scheduling{
		maker: map[*Value]*Instruction{}, sink: map[*Instruction]bool{}, state: map[*Instruction]progress{},
		waiting: map[*Instruction][]*Instruction{}, missing: map[*Instruction]int{},
	}
	for _, i := range p.instrs {
		s.maker[i.out] = i
	}
	s.needs = p.needs(s.maker)
	readers := map[*Value][]*Instruction{}
	for _, i := range p.instrs {
		for _, v := range i.in {
			readers[v] = append(readers[v], i)
		}
	}
	for n := len(p.instrs) - 1; n >= 0; n-- { // readers come before what they read
		i := p.instrs[n]
		s.sink[i] = true
		for _, r := range readers[i.out] {
			s.sink[i] = s.sink[i] && (r.update() != nil || r.gradientsOnly()) && s.sink[r]
		}
	}
	for _, i := range p.instrs {
		for _, other := range s.needs[i] {
			s.waiting[other] = append(s.waiting[other], i)
			s.missing[i]++
		}
	}
	for _, i := range p.instrs {
		if s.sink[i] && s.missing[i] > 0 {
			continue
		}
		if err := s.add(i); err != nil {
			return err
		}
	}
	for _, i := range p.instrs { // sinks that others wait for, if there are any left
		if err := s.add(i); err != nil {
			return err
		}
	}
	p.instrs = s.list
	return nil
}

// needs are the instructions that must come before each: those that make what it reads, and
// for an Update those that read what it writes.
func (p *Program) needs(maker map[*Value]*Instruction) map[*Instruction][]*Instruction {
	needs := map[*Instruction][]*Instruction{}
	known := map[[2]*Instruction]bool{}
	need := func(i, other *Instruction) {
		if other != nil && other != i && !known[[2]*Instruction{i, other}] {
			known[[2]*Instruction{i, other}] = true
			needs[i] = append(needs[i], other)
		}
	}
	writers := map[*Weight][]*Weight{} // those written, by the weight that owns the memory
	for _, w := range p.updates {
		writers[w.root()] = append(writers[w.root()], w)
	}
	for _, i := range p.instrs {
		for _, v := range i.in {
			need(i, maker[v])
			if v.weight == nil || maker[v] != nil {
				continue
			}
			for _, w := range writers[v.weight.root()] {
				if w.overlaps(v.weight) {
					need(p.writer[w], i)
				}
			}
		}
	}
	return needs
}

// conflict is the error of a reader of an old value that needs what comes after the update.
func (s *scheduling) conflict() error {
	for u, needs := range s.needs {
		for _, r := range needs {
			if u.update() != nil && s.after(r, u, map[*Instruction]bool{}) {
				return fmt.Errorf("%s: %v needs what comes after %s, but reads the old value of what that writes: read the output of %s instead", r.path, r, u.path, u.path)
			}
		}
	}
	return fmt.Errorf("instructions wait for each other")
}

// after says whether i needs other.
func (s *scheduling) after(i, other *Instruction, seen map[*Instruction]bool) bool {
	if i == other || seen[i] {
		return i == other
	}
	seen[i] = true
	return slices.ContainsFunc(s.needs[i], func(n *Instruction) bool { return s.after(n, other, seen) })
}

// gradientsOnly says that i makes numbers of gradients, for Updates.
func (i *Instruction) gradientsOnly() bool {
	switch i.op.(type) {
	case GlobalNorm, ClipFactor:
		return true
	}
	return i.update() != nil
}

// scheduling is an order of instructions as far as it is made.
type scheduling struct {
	maker   map[*Value]*Instruction
	needs   map[*Instruction][]*Instruction
	waiting map[*Instruction][]*Instruction // the inverse
	missing map[*Instruction]int            // how many of its needs are not in the list yet
	sink    map[*Instruction]bool           // comes as soon as it can
	state   map[*Instruction]progress
	list    []*Instruction
}

// progress says whether an instruction is in the list.
type progress int

const (
	left progress = iota
	begun
	listed
)

// add appends i after all that it needs, and then the sinks that waited for nothing else.
func (s *scheduling) add(i *Instruction) error {
	switch s.state[i] {
	case listed:
		return nil
	case begun:
		return s.conflict()
	}
	s.state[i] = begun
	for _, other := range s.needs[i] {
		if err := s.add(other); err != nil {
			return err
		}
	}
	if s.state[i] == listed {
		return nil
	}
	s.state[i] = listed
	s.list = append(s.list, i)
	for _, w := range s.waiting[i] {
		s.missing[w]--
	}
	for _, w := range s.waiting[i] {
		if s.sink[w] && s.missing[w] == 0 && s.state[w] == left {
			if err := s.add(w); err != nil {
				return err
			}
		}
	}
	return nil
}
