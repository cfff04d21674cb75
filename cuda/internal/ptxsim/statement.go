package ptxsim

import "strings"

// statement reads one statement of a kernel: a declaration, a label or an instruction.
func (p *parser) statement() {
	p.subject = ""
	switch t := p.token.text; t {
	case ";":
		p.advance()
	case ".reg":
		p.declareRegisters()
	case ".shared", ".local":
		v, name := p.variable()
		p.place(name, v)
		p.expect(";")
	case ".pragma", ".loc": // a .loc ends with its line
		line := p.token.line
		for p.failure == nil && p.token.text != ";" && p.token.text != "" && (t == ".pragma" || p.token.line == line) {
			p.advance()
		}
		p.accept(";")
	default:
		p.instruction()
	}
}

// instruction reads a label, or an instruction with its predicate.
func (p *parser) instruction() {
	in := instruction{predicate: -1, line: p.token.line}
	start := p.lexer.at - len(p.token.text)
	if p.accept("@") {
		in.negated = p.accept("!")
		in.predicate = p.predicate(p.name())
	}
	name := p.name()
	if in.predicate < 0 && p.accept(":") {
		if _, twice := p.scope.labels[name]; twice {
			p.fail("there are two labels %s", name)
		}
		p.scope.labels[name] = len(p.kernel.code)
		return
	}
	args := p.operands(";")
	in.text = strings.Join(strings.Fields(p.text[start:p.lexer.at-len(p.token.text)]), " ")
	p.subject = in.text
	p.expect(";")
	if p.failure != nil {
		return
	}
	if len(p.kernel.code) >= maxInstructions {
		p.fail("more than %d instructions", maxInstructions)
	}
	p.decode(&in, name, args)
	p.kernel.Opcodes[name]++
	p.kernel.code = append(p.kernel.code, in)
}

const maxInstructions = 1 << 20

// operand is one of an instruction.
type operand struct {
	text    string    // a register, a symbol, a number, or "_"
	negated bool      // !p
	second  string    // the second of a|b
	list    []operand // {a, b}
	address bool      // [text + offset], or [text, {list}]
	offset  int64
}

// operands reads a list that ends before a mark.
func (p *parser) operands(end string) (list []operand) {
	for p.failure == nil && p.token.text != end {
		list = append(list, p.operand())
		if len(list) > maxOperands {
			p.fail("more than %d operands", maxOperands)
		}
		if p.token.text != end {
			p.expect(",")
		}
	}
	return list
}

const maxOperands = 256

func (p *parser) operand() (o operand) {
	switch {
	case p.accept("{"):
		for p.failure == nil && !p.accept("}") {
			o.list = append(o.list, p.element())
			if p.token.text != "}" {
				p.expect(",")
			}
			if len(o.list) > maxOperands {
				p.fail("more than %d elements", maxOperands)
			}
		}
	case p.accept("["):
		return p.addressOperand()
	default:
		return p.element()
	}
	return o
}

// element is an operand without brackets.
func (p *parser) element() (o operand) {
	switch {
	case p.accept("!"):
		o.negated = true
	case p.accept("-"):
		o.text = "-"
	}
	o.text += p.name()
	if p.accept("|") {
		o.second = p.name()
	}
	return o
}

// addressOperand is [base], [base + offset], or [base, {x, y}].
func (p *parser) addressOperand() (o operand) {
	o.address, o.text = true, p.name()
	if p.accept("+") {
		negative := p.accept("-")
		text := p.name()
		v, ok := literal(text)
		if !ok {
			p.fail("offset %q is not a number", text)
		}
		if o.offset = int64(v); negative {
			o.offset = -o.offset
		}
	}
	if p.accept(",") {
		p.expect("{")
		o.list = p.operands("}")
		p.expect("}")
	}
	p.expect("]")
	return o
}
