package ptxsim

func init() {
	add("mov", 2, 2, (*parser).move)
	add("selp", 4, 4, (*parser).selectBy)
	add("ret", 0, 0, (*parser).leave)
	add("exit", 0, 0, (*parser).leave)
	add("bra", 1, 1, (*parser).branch)
	add("trap", 0, 0, (*parser).trap)
}

func (p *parser) leave(in *instruction, o *opcode, _ []operand) {
	o.flag("uni")
	in.kind = exit
}

func (p *parser) branch(in *instruction, o *opcode, a []operand) {
	o.flag("uni")
	in.kind = branch
	p.labels = append(p.labels, label{a[0].text, len(p.kernel.code), p.scope})
}

func (p *parser) trap(in *instruction, _ *opcode, _ []operand) {
	in.run = func(*warp, uint32) { fail("trap") }
}

func (p *parser) move(in *instruction, o *opcode, a []operand) {
	t := o.dtype()
	switch {
	case t.class == predicate:
		d, s := p.predicateDestination(a[0].text), p.predicateSource(a[1])
		in.run = func(w *warp, lanes uint32) { w.setPredicate(d, lanes, s.lanes(w)) }
	case len(a[0].list) > 0:
		p.unpack(in, t, a)
	case len(a[1].list) > 0:
		p.pack(in, t, a)
	case t.is64():
		d, s := p.destination(a[0], t), p.source(a[1], t)
		in.run = func(w *warp, lanes uint32) {
			D, S := &w.d[d], &w.d[s]
			if lanes == all {
				*D = *S
				return
			}
			each(lanes, func(i int) { D[i] = S[i] })
		}
	default:
		d, s := p.destination(a[0], t), p.source(a[1], t)
		in.run = func(w *warp, lanes uint32) {
			D, S := &w.r[d], &w.r[s]
			if lanes == all {
				*D = *S
				return
			}
			each(lanes, func(i int) { D[i] = S[i] })
		}
	}
}

// half is the type of one of the two halves of a register.
func (p *parser) half(t dtype, list []operand) dtype {
	if len(list) != 2 || t.bits != 32 && t.bits != 64 {
		p.fail("a vector of %d in a register of %d bits, want two halves", len(list), t.bits)
		return dtypes["b16"]
	}
	if t.is64() {
		return dtypes["b32"]
	}
	return dtypes["b16"]
}

// unpack is mov.b32 {low, high}, x.
func (p *parser) unpack(in *instruction, t dtype, a []operand) {
	h := p.half(t, a[0].list)
	if p.failure != nil {
		return
	}
	low, high, s := p.destination(a[0].list[0], h), p.destination(a[0].list[1], h), p.source(a[1], t)
	if t.is64() {
		in.run = func(w *warp, lanes uint32) {
			each(lanes, func(i int) {
				v := w.d[s][i]
				w.r[low][i], w.r[high][i] = uint32(v), uint32(v>>32)
			})
		}
		return
	}
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			v := w.r[s][i]
			w.r[low][i], w.r[high][i] = v&0xffff, v>>16
		})
	}
}

// pack is mov.b32 x, {low, high}.
func (p *parser) pack(in *instruction, t dtype, a []operand) {
	h := p.half(t, a[1].list)
	if p.failure != nil {
		return
	}
	low, high, d := p.source(a[1].list[0], h), p.source(a[1].list[1], h), p.destination(a[0], t)
	if t.is64() {
		in.run = func(w *warp, lanes uint32) {
			each(lanes, func(i int) { w.d[d][i] = uint64(w.r[low][i]) | uint64(w.r[high][i])<<32 })
		}
		return
	}
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) { w.r[d][i] = w.r[low][i]&0xffff | w.r[high][i]<<16 })
	}
}

func (p *parser) selectBy(in *instruction, o *opcode, a []operand) {
	t := o.dtype()
	d, x, y, c := p.destination(a[0], t), p.source(a[1], t), p.source(a[2], t), p.predicateSource(a[3])
	if t.is64() {
		in.run = func(w *warp, lanes uint32) {
			D, X, Y, c := &w.d[d], &w.d[x], &w.d[y], c.lanes(w)
			each(lanes, func(i int) {
				if c>>i&1 == 1 {
					D[i] = X[i]
				} else {
					D[i] = Y[i]
				}
			})
		}
		return
	}
	in.run = func(w *warp, lanes uint32) {
		D, X, Y, c := &w.r[d], &w.r[x], &w.r[y], c.lanes(w)
		each(lanes, func(i int) {
			if c>>i&1 == 1 {
				D[i] = X[i]
			} else {
				D[i] = Y[i]
			}
		})
	}
}
