package ptxsim

import (
	"slices"
	"strings"
)

// decoder makes of an instruction a function on a warp. o has the modifiers, and a the
// operands, whose number has been checked.
type decoder func(p *parser, in *instruction, o *opcode, a []operand)

// mnemonic is an entry of the table of instructions.
type mnemonic struct {
	operands [2]int // least and most
	decode   decoder
}

// mnemonics are the instructions by name. Files of groups of instructions add to it.
var mnemonics = map[string]mnemonic{}

// add adds an instruction with a number of operands.
func add(name string, least, most int, d decoder) {
	mnemonics[name] = mnemonic{[2]int{least, most}, d}
}

// opcode is a mnemonic with modifiers.
type opcode struct {
	p         *parser
	mnemonic  string
	modifiers []string // those that nobody has asked for yet
}

// flag reports whether a modifier is there, and takes it.
func (o *opcode) flag(name string) bool {
	i := slices.Index(o.modifiers, name)
	if i >= 0 {
		o.modifiers = slices.Delete(o.modifiers, i, i+1)
	}
	return i >= 0
}

// one takes the first modifier that is one of names, "" if there is none.
func (o *opcode) one(names ...string) string {
	for i, m := range o.modifiers {
		if slices.Contains(names, m) {
			o.modifiers = slices.Delete(o.modifiers, i, i+1)
			return m
		}
	}
	return ""
}

// must takes a modifier that has to be there.
func (o *opcode) must(names ...string) string {
	m := o.one(names...)
	if m == "" {
		o.p.fail("%s has none of .%s", o.mnemonic, strings.Join(names, ", ."))
	}
	return m
}

// dtype takes the last modifier, which is a type.
func (o *opcode) dtype() dtype {
	if n := len(o.modifiers); n > 0 {
		if t, ok := dtypes[o.modifiers[n-1]]; ok {
			o.modifiers = o.modifiers[:n-1]
			return t
		}
	}
	o.p.fail("%s has no type that is known", o.mnemonic)
	return dtypes["b32"]
}

// decode fills in what the instruction does.
func (p *parser) decode(in *instruction, name string, a []operand) {
	words := strings.Split(name, ".")
	o := &opcode{p, words[0], words[1:]}
	m, ok := mnemonics[o.mnemonic]
	if !ok {
		p.fail("instruction %s is not known", name)
		return
	}
	if len(a) < m.operands[0] || len(a) > m.operands[1] {
		p.fail("%d operands, want %d to %d", len(a), m.operands[0], m.operands[1])
		return
	}
	m.decode(p, in, o, a)
	if len(o.modifiers) > 0 {
		p.fail("instruction %s is not known: modifier .%s", name, o.modifiers[0])
	}
}
