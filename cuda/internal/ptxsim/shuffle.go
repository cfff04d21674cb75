package ptxsim

func init() {
	add("shfl", 5, 5, (*parser).shuffle)
	add("vote", 3, 3, (*parser).vote)
	add("activemask", 1, 1, (*parser).activeMask)
	add("elect", 2, 2, (*parser).elect)
}

// members is the operand that says which lanes take part. All of them must be here, but for those
// that have ended.
func (w *warp) members(register int, lanes uint32) {
	each(lanes, func(i int) {
		want := w.r[register][i]
		if want>>i&1 == 0 {
			fail("lane %d is not a member of %08x", i, want)
		}
		if away := want & w.live &^ lanes; away != 0 {
			fail("lanes %08x are members, and are not here", away)
		}
	})
}

// shuffle is shfl.sync: each lane reads a register of another.
func (p *parser) shuffle(in *instruction, o *opcode, a []operand) {
	o.must("sync")
	mode := o.must("up", "down", "bfly", "idx")
	o.of32()
	t := dtypes["b32"]
	d, s, b, c, members := p.destination(a[0], t), p.source(operand{text: a[1].text}, t), p.source(a[2], t), p.source(a[3], t), p.source(a[4], t)
	found := p.predicateDestination(a[0].second)
	in.run = func(w *warp, lanes uint32) {
		w.members(members, lanes)
		from := w.r[s]
		var ok uint32
		each(lanes, func(i int) {
			j, inside := shuffleLane(mode, i, int(w.r[b][i]), int(w.r[c][i]))
			if inside {
				ok |= 1 << i
			}
			if lanes>>j&1 == 0 {
				fail("lane %d reads from lane %d, which is not here", i, j)
			}
			w.r[d][i] = from[j]
		})
		w.setPredicate(found, lanes, ok)
	}
}

// shuffleLane returns the lane that lane i reads, and whether that is inside of its segment. c
// has the mask of segments in bits 8 to 12, and the clamp in bits 0 to 4.
func shuffleLane(mode string, i, b, c int) (j int, inside bool) {
	b &= 31
	segment, clamp := c>>8&31, c&31
	low := i & segment
	most := low | clamp&^segment
	switch mode {
	case "up":
		j = i - b
		inside = j >= most
	case "down":
		j = i + b
		inside = j <= most
	case "bfly":
		j = i ^ b
		inside = j <= most
	default:
		j = low | b&^segment
		inside = j <= most
	}
	if !inside {
		j = i
	}
	return j, inside
}

func (p *parser) vote(in *instruction, o *opcode, a []operand) {
	o.must("sync")
	mode := o.must("all", "any", "uni", "ballot")
	t := o.dtype()
	c, members := p.predicateSource(a[1]), p.source(a[2], dtypes["b32"])
	if mode == "ballot" {
		d := p.destination(a[0], t)
		in.run = func(w *warp, lanes uint32) {
			w.members(members, lanes)
			v := c.lanes(w) & lanes
			each(lanes, func(i int) { w.r[d][i] = v })
		}
		return
	}
	d := p.predicateDestination(a[0].text)
	in.run = func(w *warp, lanes uint32) {
		w.members(members, lanes)
		v := c.lanes(w) & lanes
		yes := v == lanes && mode != "any" || v != 0 && mode == "any" || v == 0 && mode == "uni"
		w.setPredicate(d, lanes, -bit(yes))
	}
}

func (p *parser) activeMask(in *instruction, o *opcode, a []operand) {
	o.of32()
	d := p.destination(a[0], dtypes["b32"])
	in.run = func(w *warp, lanes uint32) { each(lanes, func(i int) { w.r[d][i] = lanes }) }
}

// elect names one lane of the members: the first.
func (p *parser) elect(in *instruction, o *opcode, a []operand) {
	o.must("sync")
	d, leads := p.destination(operand{text: a[0].text}, dtypes["b32"]), p.predicateDestination(a[0].second)
	members := p.source(a[1], dtypes["b32"])
	in.run = func(w *warp, lanes uint32) {
		w.members(members, lanes)
		first := uint32(0)
		for lanes>>first&1 == 0 {
			first++
		}
		each(lanes, func(i int) { w.r[d][i] = first })
		w.setPredicate(leads, lanes, 1<<first)
	}
}
