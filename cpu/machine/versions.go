package machine

import "cradio/graph"

// use is a weight as a machine is bound to it.
type use struct {
	weight  *graph.Weight
	frozen  bool // what is made of its values counts too, not only where they are
	version int
	moves   int
}

// usesOf are the weights of a program as they are now.
func usesOf(p *graph.Program) (list []use) {
	seen := map[*graph.Value]bool{}
	for _, all := range [][]*graph.Instruction{p.Once(), p.Instructions()} {
		for _, i := range all {
			for _, v := range i.In() {
				if w := v.Weight(); w != nil && !seen[v] {
					seen[v] = true
					list = append(list, use{w, v.Frozen(), w.Version(), w.Moves()})
				}
			}
		}
	}
	return list
}

// outdated says whether a frozen weight has changed since it was bound, or any has moved.
func (m *machine) outdated() bool {
	for _, u := range m.uses {
		if u.frozen && u.version != u.weight.Version() || u.moves != u.weight.Moves() {
			return true
		}
	}
	return false
}

// home brings weights that another device has written to main memory.
func (m *machine) home() error {
	for _, u := range m.uses {
		if err := u.weight.Home(); err != nil {
			return err
		}
	}
	return nil
}
