package ptxsim

import "encoding/binary"

func init() {
	add("ld", 2, 2, (*parser).load)
	add("ldu", 2, 2, (*parser).load)
	add("st", 2, 2, (*parser).store)
	add("cvta", 2, 2, (*parser).toGeneric)
	add("prefetch", 1, 1, (*parser).prefetch)
}

// caching takes the modifiers that tell a GPU how to cache and order an access.
func (o *opcode) caching() {
	for o.one("nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "volatile", "weak", "relaxed", "acquire", "release",
		"cta", "gpu", "sys", "L1::no_allocate", "L1::evict_last", "L1::evict_first", "L2::128B", "L2::256B") != "" {
	}
}

// vector takes the number of elements of an access, and compares it with the operand.
func (o *opcode) vector(list operand) int {
	n := 1
	switch o.one("v2", "v4") {
	case "v2":
		n = 2
	case "v4":
		n = 4
	}
	if len(elements(list)) != n || n > 1 && len(list.list) == 0 {
		o.p.fail("%d elements, want %d", len(elements(list)), n)
	}
	return n
}

// loadType is the type of an access, which is not a predicate.
func (o *opcode) loadType() dtype {
	t := o.dtype()
	if t.class == predicate || t.class == packed || t.class == bfloat {
		o.p.fail("%s has a type that memory does not have", o.mnemonic)
		return dtypes["b32"]
	}
	return t
}

func (p *parser) load(in *instruction, o *opcode, a []operand) {
	o.caching()
	t, state := o.loadType(), o.space()
	n := o.vector(a[0])
	at, size := p.address(state, a[1]), t.bytes()
	if r, ok := p.find(elements(a[0])[0].text); ok && r.dtype.is64() && !t.is64() {
		p.loadExtended(in, t, at, a[0])
		return
	}
	if t.is64() {
		d := p.destinations(a[0], t)
		in.run = func(w *warp, lanes uint32) {
			each(lanes, func(i int) {
				b := at.bytes(w, i, n*size, n*size, false)
				for j, r := range d {
					w.d[r][i] = get(b[j*8:], 8)
				}
			})
		}
		return
	}
	d := p.destinations(a[0], t)
	in.run = func(w *warp, lanes uint32) {
		if lanes == all && size == 4 && at.sharedWords(w, d) {
			return
		}
		each(lanes, func(i int) {
			b := at.bytes(w, i, n*size, n*size, false)
			for j, r := range d {
				v := uint32(get(b[j*size:], size))
				if t.class == signed && size < 4 { // the register has more bits, and gets the sign
					v = uint32(t.extend(v))
				}
				w.r[r][i] = v
			}
		})
	}
}

// sharedWords loads words of shared memory for all lanes, where nobody counts accesses, and reports
// whether it has: most loads are of this kind.
func (a *address) sharedWords(w *warp, registers []int) bool {
	b := w.block
	if a.space != shared || a.base < 0 || a.is64 || b.races != nil || w.traffic.on {
		return false
	}
	n := 4 * len(registers)
	base, offset, last := &w.r[a.base], uint32(a.offset), uint64(len(b.shared)-n)
	for i := range 32 {
		if v := base[i] + offset; uint64(v) > last || v%uint32(n) != 0 {
			return false // the error is told lane by lane
		}
	}
	addresses := *base // which a destination may overwrite
	for j, r := range registers {
		R := &w.r[r]
		for i := range 32 {
			R[i] = binary.LittleEndian.Uint32(b.shared[addresses[i]+offset+uint32(4*j):])
		}
	}
	return true
}

// loadExtended is a load of a type into registers of 64 bits, which get its sign, or zeros.
func (p *parser) loadExtended(in *instruction, t dtype, at address, to operand) {
	d, size := p.destinations(to, dtypes["b64"]), t.bytes()
	n := len(d)
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			b := at.bytes(w, i, n*size, n*size, false)
			for j, r := range d {
				w.d[r][i] = t.extend(uint32(get(b[j*size:], size)))
			}
		})
	}
}

func (p *parser) store(in *instruction, o *opcode, a []operand) {
	o.caching()
	t, state := o.loadType(), o.space()
	n := o.vector(a[1])
	at, size := p.address(state, a[0]), t.bytes()
	if state == param || state == constantSpace {
		p.fail("parameters and constants cannot be written")
	}
	s := p.sources(a[1], t)
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			b := at.bytes(w, i, n*size, n*size, true)
			for j, r := range s {
				if size == 8 {
					put(b[j*8:], 8, w.d[r][i])
				} else {
					put(b[j*size:], size, uint64(w.r[r][i]))
				}
			}
		})
	}
}

// toGeneric is cvta: from an address in a space to a generic one, or back with .to.
func (p *parser) toGeneric(in *instruction, o *opcode, a []operand) {
	back := o.flag("to")
	t := o.dtype()
	if !t.is64() {
		p.fail("addresses of %d bits, want 64", t.bits)
		return
	}
	base := uint64(0)
	switch o.space() {
	case global, constantSpace:
	case shared:
		base = sharedBase
	case local:
		base = localBase
	case param:
		base = paramBase
	default:
		p.fail("cvta without a state space")
	}
	if back {
		base = -base
	}
	d, s := p.destination(a[0], t), p.source(a[1], t)
	in.run = func(w *warp, lanes uint32) {
		D, S := &w.d[d], &w.d[s]
		each(lanes, func(i int) { D[i] = S[i] + base })
	}
}

// prefetch changes no memory.
func (p *parser) prefetch(in *instruction, o *opcode, a []operand) {
	o.must("L1", "L2", "tensormap")
	p.address(o.space(), a[0])
	in.run = func(*warp, uint32) {}
}
