package ptxsim

import (
	"fmt"
	"slices"
)

// parser reads a module. It keeps the first error; what is read after that has no meaning.
type parser struct {
	lexer
	token   token // the next one
	module  *Module
	kernel  *Kernel
	scope   *scope
	labels  []label // that branches have asked for
	failure error
	subject string // the statement, for errors
}

// Limits of what a text may ask for. They are far above those of any GPU.
const (
	maxRegisters = 1 << 16
	maxBytes     = 1 << 24 // of a variable
)

// Parse reads a PTX text.
func Parse(text string) (*Module, error) {
	p := &parser{
		lexer:  lexer{text: text, line: 1},
		module: &Module{Kernels: map[string]*Kernel{}, variables: map[string]variable{}},
	}
	p.advance()
	for p.failure == nil && p.token.text != "" {
		p.directive()
	}
	if p.failure != nil {
		return nil, p.failure
	}
	return p.module, nil
}

// fail keeps an error, if it is the first.
func (p *parser) fail(format string, args ...any) {
	if p.failure != nil {
		return
	}
	where := fmt.Sprintf("ptx line %d", p.token.line)
	if p.kernel != nil {
		where += ", " + p.kernel.Name
	}
	if p.subject != "" {
		where += ": " + p.subject
	}
	p.failure = fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...))
}

// advance returns the next token, and moves behind it.
func (p *parser) advance() token {
	t := p.token
	p.token = p.lexer.next()
	if p.lexer.err != "" {
		p.fail("%s", p.lexer.err)
	}
	return t
}

// accept moves behind the next token if it is text.
func (p *parser) accept(text string) bool {
	if p.token.text != text || text == "" {
		return false
	}
	p.advance()
	return true
}

// expect fails if the next token is not text, and else moves behind it.
func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("found %q, want %q", p.token.text, text)
	}
}

// name returns the next token, which must be a word.
func (p *parser) name() string {
	if !p.token.word() {
		p.fail("found %q, want a name", p.token.text)
		return ""
	}
	return p.advance().text
}

// directive reads what may stand outside of a kernel.
func (p *parser) directive() {
	linkage := false
	for p.accept(".visible") || p.accept(".weak") || p.accept(".extern") {
		linkage = true
	}
	switch p.token.text {
	case ".version":
		p.advance()
		p.module.Version = p.name()
	case ".target":
		p.advance()
		p.module.Target = p.name()
		for p.accept(",") {
			p.name()
		}
	case ".address_size":
		p.advance()
		if n := p.name(); n != "64" {
			p.fail("addresses of %s bits, want 64", n)
		}
	case ".entry":
		p.entry()
	case ".global", ".const", ".shared":
		v, name := p.variable()
		p.module.variables[name] = v
		switch {
		case v.space != "shared" && v.size < 0:
			p.fail("%s has no size", name)
		case v.space == "shared" && v.size >= 0:
			p.module.shared = append(p.module.shared, name)
		}
		p.expect(";")
	case ".file": // ends with its line
		for line := p.token.line; p.token.line == line && p.token.text != ""; {
			p.advance()
		}
	default:
		what := "instruction or directive"
		if linkage {
			what = "declaration"
		}
		p.fail("%s %q is not known outside of a kernel", what, p.token.text)
	}
}

// entry reads a kernel.
func (p *parser) entry() {
	p.advance()
	k := &Kernel{Name: p.name(), Opcodes: map[string]int{}, special: map[string]int{}, globals: map[string]int{}, module: p.module}
	p.kernel, p.labels = k, nil
	p.scope = newScope(nil)
	if p.accept("(") {
		for p.failure == nil && !p.accept(")") {
			p.param()
			p.accept(",")
		}
	}
	for p.failure == nil && p.token.text != "{" {
		p.performance()
	}
	p.shareModule()
	p.expect("{")
	for depth := 1; depth > 0 && p.failure == nil; {
		switch p.token.text {
		case "{":
			p.advance()
			p.scope = newScope(p.scope)
			depth++
		case "}":
			p.advance()
			p.closeScope()
			depth--
		case "":
			p.fail("the text ends in a kernel, want \"}\"")
		default:
			p.statement()
		}
	}
	k.code = append(k.code, instruction{predicate: -1, kind: exit, text: "end of the kernel"})
	k.Shared = (k.Shared + dynamicAlign - 1) / dynamicAlign * dynamicAlign
	if _, twice := p.module.Kernels[k.Name]; twice {
		p.fail("there are two kernels of this name")
	}
	p.module.Kernels[k.Name] = k
	p.kernel, p.subject = nil, ""
}

// dynamicAlign is where dynamic shared memory may begin: the copy engine wants the most.
const dynamicAlign = 1024

// performance reads a directive between the parameters and the body.
func (p *parser) performance() {
	name := p.name()
	if !slices.Contains([]string{".maxntid", ".reqntid", ".minnctapersm", ".maxnreg"}, name) {
		p.fail("directive %s is not known", name)
		return
	}
	list := []int{p.integer(name)}
	for p.accept(",") {
		list = append(list, p.integer(name))
	}
	if name == ".maxntid" || name == ".reqntid" {
		p.kernel.MaxThreads = 1
		for _, n := range list {
			p.kernel.MaxThreads *= min(max(n, 1), 1024)
		}
	}
}

// integer reads a whole number, not negative.
func (p *parser) integer(what string) int {
	text := p.name()
	v, ok := literal(text)
	if !ok || v >= maxBytes {
		p.fail("%s is %q, want a number below %d", what, text, maxBytes)
		return 0
	}
	return int(v)
}
