package ptxsim

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// scope holds the names between two braces.
type scope struct {
	registers map[string]register
	variables map[string]variable
	labels    map[string]int // by name: index of an instruction
	up        *scope
}

func newScope(up *scope) *scope {
	return &scope{map[string]register{}, map[string]variable{}, map[string]int{}, up}
}

// register is an entry of one of the register files.
type register struct {
	dtype dtype
	index int
}

// label is one that a branch goes to.
type label struct {
	name string
	at   int // index of the branch
	from *scope
}

// closeScope ends a scope: branches inside to labels inside are now known.
func (p *parser) closeScope() {
	s := p.scope
	p.scope = s.up
	left := p.labels[:0]
	for _, l := range p.labels {
		at, ok := s.labels[l.name]
		switch {
		case l.from != s:
			left = append(left, l)
		case ok:
			p.kernel.code[l.at].target = at
		case s.up == nil:
			p.fail("there is no label %s", l.name)
		default:
			left = append(left, label{l.name, l.at, s.up})
		}
	}
	p.labels = left
}

// dtype reads the name of a type.
func (p *parser) dtype() dtype {
	name := p.name()
	t, ok := dtypes[strings.TrimPrefix(name, ".")]
	if !ok {
		p.fail("type %s is not known", name)
		return dtypes["b32"]
	}
	return t
}

// declareRegisters reads .reg .f32 %f<9>, x;
func (p *parser) declareRegisters() {
	p.expect(".reg")
	t := p.dtype()
	for first := true; p.failure == nil && (first || p.accept(",")); first = false {
		name := p.name()
		if !p.accept("<") {
			p.declare(name, t)
			continue
		}
		n := p.integer("the number of registers")
		p.expect(">")
		if n > maxRegisters {
			p.fail("%d registers, want at most %d", n, maxRegisters)
			return
		}
		for i := range n {
			p.declare(name+strconv.Itoa(i), t)
		}
	}
	p.expect(";")
}

func (p *parser) declare(name string, t dtype) {
	if _, twice := p.scope.registers[name]; twice {
		p.fail("there are two registers %s", name)
		return
	}
	p.scope.registers[name] = register{t, p.newRegister(t)}
}

// newRegister returns the index of one more register.
func (p *parser) newRegister(t dtype) int {
	c := &p.kernel.registers
	n := &c.r32
	switch {
	case t.class == predicate:
		n = &c.predicates
	case t.is64():
		n = &c.r64
	}
	if *n++; *n > maxRegisters {
		p.fail("more than %d registers", maxRegisters)
	}
	return *n - 1
}

// variable reads .shared .align 4 .b8 name[32] = {1, 2}
func (p *parser) variable() (v variable, name string) {
	v.space = strings.TrimPrefix(p.name(), ".")
	if p.accept(".align") {
		v.align = p.alignment()
	}
	t := p.dtype()
	name = p.name()
	v.size, v.align = t.bytes(), max(v.align, t.bytes(), 1)
	if p.accept("[") {
		v.size = -1
		if !p.accept("]") {
			v.size = t.bytes() * p.integer("the length of "+name)
			p.expect("]")
		}
	}
	if v.size > maxBytes {
		p.fail("%s has %d bytes, want at most %d", name, v.size, maxBytes)
		v.size = 0
	}
	if v.space != "global" && v.space != "const" {
		return v, name
	}
	v.contents = make([]byte, max(v.size, 0))
	if p.accept("=") {
		p.contents(v.contents, t)
	}
	return v, name
}

// alignment reads a power of two.
func (p *parser) alignment() int {
	n := p.integer("an alignment")
	if n < 1 || n&(n-1) != 0 || n > 1024 {
		p.fail("an alignment is %d, want a power of two up to 1024", n)
		return 1
	}
	return n
}

// contents reads the initial values of a variable.
func (p *parser) contents(to []byte, t dtype) {
	list := p.accept("{")
	for i := 0; p.failure == nil; i++ {
		sign := uint64(1)
		if p.accept("-") {
			sign = ^uint64(0)
		}
		text := p.name()
		v, ok := literal(text)
		if !ok || (i+1)*t.bytes() > len(to) {
			p.fail("initial value %q is not a number, or one too many", text)
			return
		}
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], sign*v)
		copy(to[i*t.bytes():], b[:t.bytes()])
		if !list {
			return
		}
		if !p.accept(",") {
			p.expect("}")
			return
		}
	}
}

// param reads a parameter: .param .align 16 .b8 name[32]
func (p *parser) param() {
	p.expect(".param")
	a := Param{}
	if p.accept(".align") {
		a.align = p.alignment()
	}
	t := p.dtype()
	if p.accept(".ptr") {
		p.accept(".global")
		if p.accept(".align") {
			p.alignment()
		}
	}
	a.Name, a.Size = p.name(), t.bytes()
	a.align = max(a.align, t.bytes(), 1)
	if p.accept("[") {
		a.Size *= p.integer("the length of " + a.Name)
		p.expect("]")
	}
	k := p.kernel
	a.Offset = (k.paramBytes + a.align - 1) / a.align * a.align
	k.paramBytes = a.Offset + a.Size
	if k.paramBytes > 4096 {
		p.fail("%d bytes of parameters, want at most 4096", k.paramBytes)
	}
	k.Params = append(k.Params, a)
	p.scope.variables[a.Name] = variable{space: "param", size: a.Size, align: a.align, offset: a.Offset}
}

// place gives a variable of shared or local memory its offset.
func (p *parser) place(name string, v variable) {
	n := &p.kernel.Shared
	switch {
	case v.size < 0:
		p.fail("%s has no size", name)
		return
	case v.space == "local":
		n = &p.kernel.local
	}
	v.offset = (*n + v.align - 1) / v.align * v.align
	if *n = v.offset + v.size; *n > maxBytes {
		p.fail("%d bytes of %s memory, want at most %d", *n, v.space, maxBytes)
	}
	p.scope.variables[name] = v
}

// shareModule gives the kernel the shared variables of the module.
func (p *parser) shareModule() {
	for _, name := range p.module.shared {
		p.place(name, p.module.variables[name])
	}
}
