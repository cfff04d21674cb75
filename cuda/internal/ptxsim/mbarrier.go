package ptxsim

func init() { add("mbarrier", 1, 4, (*parser).mbarrier) }

// mbar is a barrier in shared memory: a phase ends when so many threads have arrived, and the copy
// engine has brought as many bytes as they announced.
type mbar struct {
	want, left int // threads
	bytes      int // on their way
	phase      uint32
	arriving   known // of those that have arrived in this phase
	known      known // of those that had arrived when the last phase ended
	made       *warp // that initialised it; nil once the copy engine sees it
}

// settle ends the phase if nothing is left of it.
func (b *mbar) settle() {
	if b.left == 0 && b.bytes == 0 {
		b.phase++
		b.left = b.want
		b.known.learn(b.arriving)
	}
}

// learn takes over what another clock knows.
func (c clock) learn(other clock) {
	for i, t := range other {
		c[i] = max(c[i], t)
	}
}

// initsSeen lets the copy engine see the barriers that a warp has initialised.
func (b *block) initsSeen(w *warp) {
	for _, m := range b.bars {
		if m.made == w {
			m.made = nil
		}
	}
}

// bar returns the barrier at an address of shared memory.
func (b *block) bar(at uint64) *mbar {
	m := b.bars[at]
	if m == nil {
		fail("there is no mbarrier at %#x", at)
	}
	return m
}

func (p *parser) mbarrier(in *instruction, o *opcode, a []operand) {
	kind := o.must("init", "inval", "arrive", "expect_tx", "try_wait", "test_wait")
	expect, parity := kind == "expect_tx" || o.flag("expect_tx"), o.flag("parity")
	for o.one("release", "acquire", "relaxed", "cta") != "" {
	}
	state := o.space()
	if o.must("b64") == "" || state != shared && state != generic {
		p.fail("an mbarrier is in shared memory")
	}
	if (kind == "arrive" || kind == "try_wait" || kind == "test_wait") && len(a) > 1 {
		p.mbarrierOf(in, kind, expect, parity, p.address(shared, a[1]), a)
		return
	}
	p.mbarrierOf(in, kind, expect, parity, p.address(shared, a[0]), a)
}

// mbarrierOf decodes what is done with the barrier at an address. The operands behind that are a
// number of threads or bytes, or a parity.
func (p *parser) mbarrierOf(in *instruction, kind string, expect, parity bool, at address, a []operand) {
	number := -1
	if n := len(a); n > 1 && !a[n-1].address {
		number = p.source(a[n-1], dtypes["u32"])
	}
	value := func(w *warp, i, without int) int {
		if number < 0 {
			return without
		}
		return int(w.r[number][i])
	}
	if number < 0 && (kind == "init" || expect || kind == "try_wait" || kind == "test_wait") {
		p.fail("mbarrier.%s without a number", kind)
		return
	}
	switch kind {
	case "init":
		in.run = func(w *warp, lanes uint32) {
			each(lanes, func(i int) {
				n := value(w, i, 0)
				warps := len(w.block.warps)
				w.block.bars[at.value(w, i)] = &mbar{want: n, left: n, arriving: newKnown(warps), known: newKnown(warps), made: w}
			})
		}
	case "inval":
		in.run = func(w *warp, lanes uint32) { each(lanes, func(i int) { delete(w.block.bars, at.value(w, i)) }) }
	case "arrive", "expect_tx":
		in.run = func(w *warp, lanes uint32) {
			each(lanes, func(i int) {
				b, n := w.block.bar(at.value(w, i)), 1
				if expect {
					b.bytes += value(w, i, 0)
				} else {
					n = value(w, i, 1)
				}
				if kind == "arrive" {
					b.arriving.learn(w.known)
					if b.left -= n; b.left < 0 {
						fail("more threads arrive at the mbarrier than the %d that it is for", b.want)
					}
				}
				b.settle()
			})
			w.clock[w.index]++
		}
	default:
		if !parity {
			p.fail("mbarrier.%s is known with a parity only", kind)
			return
		}
		in.kind = retry
		d := p.predicateDestination(a[0].text)
		in.run = func(w *warp, lanes uint32) {
			var ended uint32
			each(lanes, func(i int) {
				address := at.value(w, i)
				b := w.block.bar(address)
				want := uint32(value(w, i, 0)) & 1
				if b.phase&1 == want { // not over yet: what the copy engine has comes now
					w.block.deliver(address)
				}
				if b.phase&1 != want {
					ended |= 1 << i
					w.learn(b.known)
				}
			})
			w.setPredicate(d, lanes, ended)
			w.fenced = false // ptxas wants wgmma.fence behind a loop that waits, and puts one there (C7519)
			w.again = ended != lanes
		}
	}
}
