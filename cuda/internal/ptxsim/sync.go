package ptxsim

func init() {
	add("bar", 1, 2, (*parser).barrier)
	add("barrier", 1, 2, (*parser).barrier)
	add("membar", 0, 0, (*parser).fence)
	add("fence", 0, 0, (*parser).fence)
	add("griddepcontrol", 0, 0, (*parser).dependency)
	add("nanosleep", 1, 1, (*parser).fence)
}

// barrier is bar.sync and bar.arrive among warps, and bar.warp.sync among lanes.
func (p *parser) barrier(in *instruction, o *opcode, a []operand) {
	o.flag("cta")
	o.flag("aligned")
	if o.flag("warp") {
		o.must("sync")
		members := p.source(a[0], dtypes["b32"])
		in.run = func(w *warp, lanes uint32) {
			w.members(members, lanes)
			w.stored, w.awaited = false, false
		}
		return
	}
	arrive := o.must("sync", "arrive") == "arrive"
	number, threads := p.source(a[0], dtypes["u32"]), -1
	if len(a) > 1 {
		threads = p.source(a[1], dtypes["u32"])
	} else if arrive {
		p.fail("bar.arrive without a number of threads")
	}
	in.kind = barrier
	in.run = func(w *warp, lanes uint32) {
		n, of := int(w.r[number][0]), 0
		if threads >= 0 {
			of = int(w.r[threads][0])
		}
		if n >= barriers || of%32 != 0 || threads >= 0 && of == 0 {
			fail("barrier %d of %d threads: want a number below %d, and a multiple of 32", n, of, barriers)
		}
		if arrive {
			w.block.arrive(w, n)
			return
		}
		w.waiting, w.number, w.threads = true, n, of
	}
}

// arrive counts a warp at a barrier at which it does not wait.
func (b *block) arrive(w *warp, n int) {
	b.arrived[n] += 32
	b.came[n].tell(w)
}

// fence orders accesses of memory, which are in order here, but for those of the copy engine.
func (p *parser) fence(in *instruction, o *opcode, _ []operand) {
	proxy, inits := o.flag("proxy") && o.flag("async"), o.flag("mbarrier_init")
	for o.one("cta", "gl", "gpu", "sys", "cluster", "sc", "acq_rel", "u32", "shared::cta", "release") != "" {
	}
	in.run = func(w *warp, _ uint32) {
		if proxy {
			w.proxyFence()
		}
		if proxy || inits {
			w.block.initsSeen(w)
		}
	}
}

// dependency is griddepcontrol: see Launch.Overlap.
func (p *parser) dependency(in *instruction, o *opcode, _ []operand) {
	wait := o.must("wait", "launch_dependents") == "wait"
	in.run = func(w *warp, _ uint32) {
		if wait {
			w.clock[len(w.clock)-1] = 1
		}
	}
}
