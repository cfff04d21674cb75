package ptxsim

func init() {
	add("atom", 3, 4, (*parser).atomic)
	add("red", 2, 2, (*parser).atomic)
}

// atomic is atom, which returns what was there, and red, which does not.
func (p *parser) atomic(in *instruction, o *opcode, a []operand) {
	o.caching()
	t := o.dtype()
	state := o.space()
	operation := o.must("add", "min", "max", "exch", "and", "or", "xor", "cas")
	f := atomicFunction(operation, t)
	if f == nil || t.bits != 32 {
		p.fail("an atomic that is not known")
		return
	}
	d := p.newRegister(t)
	if o.mnemonic == "atom" {
		d = p.destination(a[0], t)
		a = a[1:]
	}
	want := 2
	if operation == "cas" {
		want = 3
	}
	if len(a) != want {
		p.fail("%d operands behind the destination, want %d", len(a), want)
		return
	}
	at, x, y := p.address(state, a[0]), p.source(a[1], t), p.source(a[want-1], t)
	in.run = func(w *warp, lanes uint32) {
		atomics := &w.block.device.atomics
		atomics.Lock()
		defer atomics.Unlock()
		races := w.block.races
		w.block.races = nil // atomics may meet
		defer func() { w.block.races = races }()
		each(lanes, func(i int) {
			b := at.bytes(w, i, 4, 4, true)
			old := uint32(get(b, 4))
			put(b, 4, uint64(f(old, w.r[x][i], w.r[y][i])))
			w.r[d][i] = old
		})
	}
}

func atomicFunction(operation string, t dtype) func(old, x, y uint32) uint32 {
	if t.class == float {
		if operation != "add" {
			return nil
		}
		return func(old, x, _ uint32) uint32 { return bits32(f32(old) + f32(x)) }
	}
	switch operation {
	case "add":
		return func(old, x, _ uint32) uint32 { return old + x }
	case "min", "max":
		f := extremum(operation == "max", t.class == signed)
		return func(old, x, _ uint32) uint32 { return uint32(f(t.extend(old), t.extend(x))) }
	case "exch":
		return func(_, x, _ uint32) uint32 { return x }
	case "and":
		return func(old, x, _ uint32) uint32 { return old & x }
	case "or":
		return func(old, x, _ uint32) uint32 { return old | x }
	case "xor":
		return func(old, x, _ uint32) uint32 { return old ^ x }
	case "cas":
		return func(old, x, y uint32) uint32 {
			if old == x {
				return y
			}
			return old
		}
	}
	return nil
}
