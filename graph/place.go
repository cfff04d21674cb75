package graph

import "sort"

// block is a stretch of the arena, in bytes, from instruction `from` to `to`.
type block struct {
	offset, size int
	from, to     int
}

// place gives every value its offset in one arena. Two values share memory
// when no instruction needs both.
func (p *Program) place() {
	end := len(p.instrs)
	var blocks []*block
	add := func(v *Value, from, to int) {
		v.block = block{size: p.bytes(v), from: from, to: to}
		blocks = append(blocks, &v.block)
	}
	last := map[*Value]int{}
	for n, i := range p.instrs {
		for _, v := range i.in {
			last[v] = n
		}
	}
	for _, v := range p.inputs {
		if p.target.Consume {
			add(v, 0, last[v])
		} else {
			add(v, 0, end)
		}
	}
	heir := map[*Value]*Value{} // whose memory a value takes over
	for n, i := range p.instrs {
		if i.scratch != nil {
			add(i.scratch, n, n)
		}
		if i.out.kind == Bound {
			continue
		}
		to := n
		if l, used := last[i.out]; used {
			to = l
		}
		if i.out.kind == Result {
			to = end
		}
		if v := p.inPlace(i); v != nil && last[v] == n {
			for heir[v] != nil {
				v = heir[v]
			}
			heir[i.out] = v
			v.to = max(v.to, to)
		} else {
			add(i.out, n, to)
		}
	}
	p.arena = arrange(blocks)
	for v, h := range heir {
		v.offset, v.size = h.offset, p.bytes(v)
	}
}

// inPlace is the input whose memory the output of i may take, or nil.
func (p *Program) inPlace(i *Instruction) *Value {
	if i.op == nil {
		return nil
	}
	at := p.device.InPlace(i)
	if at < 0 {
		return nil
	}
	v := i.in[at]
	if v.kind != Computed || v.form != i.out.form || p.bytes(v) != p.bytes(i.out) {
		return nil
	}
	for j, other := range i.in {
		if other == v && j != at {
			return nil // also read in another role
		}
	}
	return v
}

// arrange places the blocks largest first, each at the lowest offset that is free
// for as long as it lives, and returns the size of the whole.
func arrange(blocks []*block) (total int) {
	sort.SliceStable(blocks, func(a, b int) bool { return blocks[a].size > blocks[b].size })
	var placed []*block // by offset
	for _, b := range blocks {
		at := 0
		for _, o := range placed {
			if o.to < b.from || b.to < o.from {
				continue
			}
			if at+b.size <= o.offset {
				break
			}
			at = max(at, o.offset+o.size)
		}
		b.offset = at
		i := sort.Search(len(placed), func(i int) bool { return placed[i].offset > at })
		placed = append(placed, nil)
		copy(placed[i+1:], placed[i:])
		placed[i] = b
		total = max(total, at+b.size)
	}
	return total
}

// bytes is the size of v in the arena, in whole units of the device's alignment.
func (p *Program) bytes(v *Value) int {
	n, unit := p.device.Bytes(v.shape, v.dtype, v.form), p.device.Align()
	return (n + unit - 1) / unit * unit
}
