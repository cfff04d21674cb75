package ptxsim

// find returns a register by its name.
func (p *parser) find(name string) (register, bool) {
	for s := p.scope; s != nil; s = s.up {
		if r, ok := s.registers[name]; ok {
			return r, true
		}
	}
	return register{}, false
}

// symbol returns a variable by its name: of the kernel, or of the module.
func (p *parser) symbol(name string) (variable, bool) {
	for s := p.scope; s != nil; s = s.up {
		if v, ok := s.variables[name]; ok {
			return v, true
		}
	}
	v, ok := p.module.variables[name]
	return v, ok
}

// predicate returns the index of a predicate register.
func (p *parser) predicate(name string) int {
	r, ok := p.find(name)
	if !ok || r.dtype.class != predicate {
		p.fail("%s is not a predicate register", name)
	}
	return r.index
}

// source returns the register of a source of a type. A number gets a register of its own.
func (p *parser) source(o operand, t dtype) int {
	if o.address || o.negated || o.second != "" || len(o.list) > 0 {
		p.fail("an operand is not a register or a number")
		return 0
	}
	if r, ok := p.find(o.text); ok {
		if r.dtype.class == predicate || r.dtype.is64() != t.is64() {
			p.fail("%s has %d bits, want %d", o.text, r.dtype.bits, t.bits)
		}
		return r.index
	}
	if o.text != "" && o.text[0] == '%' {
		return p.specialRegister(o.text, t)
	}
	if v, ok := p.symbol(o.text); ok {
		return p.symbolAddress(o.text, v, t)
	}
	v, ok := literal(o.text)
	if !ok {
		p.fail("%q is not a register, a symbol or a number", o.text)
	}
	if !t.is64() {
		v &= uint64(t.mask())
	}
	return p.constant(v, t)
}

// sources returns the registers of a list, or of one operand.
func (p *parser) sources(o operand, t dtype) (list []int) {
	for _, e := range elements(o) {
		list = append(list, p.source(e, t))
	}
	return list
}

// elements are those of a list, or the operand itself.
func elements(o operand) []operand {
	if len(o.list) > 0 {
		return o.list
	}
	return []operand{o}
}

// constant returns a register that holds a value.
func (p *parser) constant(v uint64, t dtype) int {
	for _, c := range p.kernel.constants {
		if c.value == v && c.is64 == t.is64() {
			return c.register
		}
	}
	c := constant{p.newRegister(t), t.is64(), v}
	p.kernel.constants = append(p.kernel.constants, c)
	return c.register
}

// symbolAddress returns a register that holds the address of a variable in its space.
func (p *parser) symbolAddress(name string, v variable, t dtype) int {
	switch {
	case v.space == "global" || v.space == "const":
		if !t.is64() {
			p.fail("the address of %s does not fit in %d bits", name, t.bits)
			return 0
		}
		at, ok := p.kernel.globals[name]
		if !ok {
			at = p.newRegister(t)
			p.kernel.globals[name] = at
		}
		return at
	case v.size < 0 && t.is64():
		return p.special64(dynamicShared)
	case v.size < 0:
		return p.specialRegister(dynamicShared, t)
	}
	return p.constant(uint64(v.offset), t)
}

// dynamicShared is a special register of our own: where dynamic shared memory begins.
const dynamicShared = "%dynamic_shared"

// special64 returns a register of 64 bits that holds an address of shared memory.
func (p *parser) special64(name string) int {
	at, ok := p.kernel.globals[name]
	if !ok {
		at = p.newRegister(dtypes["b64"])
		p.kernel.globals[name] = at
	}
	return at
}

// specialRegister returns the register that holds %tid.x or the like.
func (p *parser) specialRegister(name string, t dtype) int {
	if t.bits != 32 || !knownSpecial(name) {
		p.fail("special register %s of %d bits is not known", name, t.bits)
		return 0
	}
	at, ok := p.kernel.special[name]
	if !ok {
		at = p.newRegister(t)
		p.kernel.special[name] = at
	}
	return at
}

// destination returns the register that an instruction writes. "_" gets one that nobody reads.
func (p *parser) destination(o operand, t dtype) int {
	if o.text == "_" {
		return p.newRegister(t)
	}
	r, ok := p.find(o.text)
	if !ok || o.address || o.negated || len(o.list) > 0 || r.dtype.class == predicate || r.dtype.is64() != t.is64() {
		p.fail("%q is not a register of %d bits", o.text, t.bits)
		return 0
	}
	return r.index
}

// destinations returns the registers of a list, or of one operand.
func (p *parser) destinations(o operand, t dtype) (list []int) {
	for _, e := range elements(o) {
		list = append(list, p.destination(e, t))
	}
	return list
}

// predicateSource is a predicate that is read, and whether it is negated; or a constant.
type predicateSource struct {
	index   int // -1 for a constant
	negated bool
	value   uint32
}

func (p *parser) predicateSource(o operand) predicateSource {
	if v, ok := literal(o.text); ok {
		return predicateSource{-1, o.negated, -bit(v != 0)}
	}
	return predicateSource{p.predicate(o.text), o.negated, 0}
}

// lanes returns those in which the predicate holds.
func (s predicateSource) lanes(w *warp) uint32 {
	v := s.value
	if s.index >= 0 {
		v = w.p[s.index]
	}
	if s.negated {
		return ^v
	}
	return v
}

// predicateDestination returns the index of a predicate that is written, -1 for "_" and for none.
func (p *parser) predicateDestination(name string) int {
	if name == "" || name == "_" {
		return -1
	}
	return p.predicate(name)
}

// setPredicate writes the lanes of a predicate. Index -1 is nobody's.
func (w *warp) setPredicate(index int, lanes, v uint32) {
	if index >= 0 {
		w.p[index] = w.p[index]&^lanes | v&lanes
	}
}
