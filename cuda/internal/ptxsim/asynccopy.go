package ptxsim

func init() { add("cp", 0, 4, (*parser).copyAsync) }

// copied is what a lane has asked cp.async to bring to shared memory.
type copied struct {
	to    int
	lane  int
	bytes int
	data  [16]byte
}

// copyAsync is cp.async, and the instructions that group copies and wait for groups.
func (p *parser) copyAsync(in *instruction, o *opcode, a []operand) {
	reduce := o.flag("reduce")
	o.must("async")
	if o.flag("bulk") || reduce {
		p.copyBulk(in, o, a, reduce)
		return
	}
	switch o.one("commit_group", "wait_group", "wait_all", "ca", "cg") {
	case "commit_group":
		p.exactly(a, 0)
		in.run = func(w *warp, lanes uint32) {
			if lanes != w.live {
				fail("lanes %08x commit, of %08x", lanes, w.live)
			}
			w.groups = append(w.groups, nil)
		}
	case "wait_group":
		n, ok := uint64(0), false
		if p.exactly(a, 1) {
			n, ok = literal(a[0].text)
		}
		if !ok {
			p.fail("the number of groups is not a number")
		}
		in.run = func(w *warp, _ uint32) { w.await(int(min(n, 1<<20))) }
	case "wait_all":
		p.exactly(a, 0)
		in.run = func(w *warp, _ uint32) {
			w.groups = append(w.groups, nil)
			w.await(0)
		}
	case "ca", "cg":
		p.copyBytes(in, o, a)
	default:
		p.fail("this kind of cp.async is not known")
	}
}

// exactly checks the number of operands.
func (p *parser) exactly(a []operand, n int) bool {
	if len(a) != n {
		p.fail("%d operands, want %d", len(a), n)
	}
	return len(a) == n
}

// await lets all groups arrive but the last n that have been committed.
func (w *warp) await(n int) {
	for len(w.groups)-1 > n {
		for _, c := range w.groups[0] {
			if b := w.sharedUncounted(uint64(c.to), c.lane, c.bytes, true); !w.block.device.Immediate {
				copy(b, c.data[:c.bytes])
			}
		}
		w.groups = w.groups[1:]
	}
}

// copyBytes is cp.async.cg.shared.global [to], [from], n, have: n bytes, of which those behind the
// first have are zeros, and are not read.
func (p *parser) copyBytes(in *instruction, o *opcode, a []operand) {
	for o.one("shared", "shared::cta", "global", "L2::128B", "L2::256B") != "" {
	}
	if len(a) < 3 {
		p.fail("%d operands, want 3 or 4", len(a))
		return
	}
	n, ok := literal(a[2].text)
	if !ok || n != 4 && n != 8 && n != 16 {
		p.fail("copies %q bytes, want 4, 8 or 16", a[2].text)
		return
	}
	size := int(n)
	to, from, have := p.address(shared, a[0]), p.address(global, a[1]), p.constant(n, dtypes["u32"])
	if len(a) == 4 {
		have = p.source(a[3], dtypes["u32"])
	}
	in.run = func(w *warp, lanes uint32) {
		open := len(w.groups) - 1
		each(lanes, func(i int) {
			b := to.bytes(w, i, size, size, true) // the copy may come at any time from now on
			c := copied{to: int(to.value(w, i)), lane: i, bytes: size}
			k := int(w.r[have][i])
			if k > size {
				fail("lane %d: %d bytes of %d", i, k, size)
			}
			if at := from.value(w, i); at%n != 0 {
				fail("lane %d: %#x is not aligned to %d bytes", i, at, n)
			} else if k > 0 {
				copy(c.data[:k], w.globalBytes(at, i, k))
			}
			if w.block.device.Immediate {
				copy(b, c.data[:size])
			}
			w.groups[open] = append(w.groups[open], c)
		})
	}
}
