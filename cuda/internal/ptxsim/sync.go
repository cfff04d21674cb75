package ptxsim

func init() {
	add("bar", 1, 2, (*parser).barrier)
	add("barrier", 1, 2, (*parser).barrier)
	for _, name := range []string{"membar", "fence", "griddepcontrol"} {
		add(name, 0, 0, (*parser).fence)
	}
	add("nanosleep", 1, 1, (*parser).fence)
}

// barrier is bar.sync and bar.arrive among warps, and bar.warp.sync among lanes.
func (p *parser) barrier(in *instruction, o *opcode, a []operand) {
	o.flag("cta")
	o.flag("aligned")
	if o.flag("warp") {
		o.must("sync")
		members := p.source(a[0], dtypes["b32"])
		in.run = func(w *warp, lanes uint32) { w.members(members, lanes) }
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
	if b.races != nil {
		fail("bar.arrive is not known where races are looked for")
	}
	b.arrived[n] += 32
}

// fence orders accesses of memory, which are in order here.
func (p *parser) fence(in *instruction, o *opcode, _ []operand) {
	for o.one("cta", "gl", "gpu", "sys", "cluster", "sc", "acq_rel", "launch_dependents", "wait", "u32",
		"proxy", "async", "shared::cta", "mbarrier_init", "release") != "" {
	}
	in.run = func(*warp, uint32) {}
}
