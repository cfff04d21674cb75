package pickle

import (
	"errors"
	"fmt"
	"strings"
)

// maxName bounds the module and the name of a global.
const maxName = 512

// global is the value of a name: what this package knows, then what the caller does.
func (d *decoder) global(module, name string) any {
	if d.err != nil {
		return nil
	}
	full := module + "." + name
	if len(full) > maxName {
		d.fail(fmt.Sprintf("a name of at most %d bytes", maxName), "%d", len(full))
		return nil
	}
	full = modern(full)
	if g, ok := known[full]; ok {
		if !d.spend(containerCost) {
			return nil
		}
		v := &Global{Name: full}
		if g != nil {
			v.New = func(args Tuple) (any, error) { return g(d, args) }
		}
		return v
	}
	if d.opt.Globals != nil {
		if v, ok := d.opt.Globals(full); ok && d.spend(containerCost) {
			return v
		}
	}
	d.fail("", "it asks for %s, a name that files of weights do not need", quote(full))
	d.err.Global = full
	return nil
}

// modern is a name as Python 3 and NumPy 1 have it: protocols 0 to 2 write those of Python 2.
func modern(full string) string {
	switch full {
	case "__builtin__.xrange":
		return "builtins.range"
	case "__builtin__.long":
		return "builtins.int"
	case "__builtin__.unicode":
		return "builtins.str"
	}
	for _, renamed := range [][2]string{{"__builtin__.", "builtins."}, {"copy_reg.", "copyreg."}, {"numpy._core.", "numpy.core."},
		{"pathlib._local.", "pathlib."}} {
		if rest, ok := strings.CutPrefix(full, renamed[0]); ok {
			return renamed[1] + rest
		}
	}
	return full
}

// call makes what a class or function makes of its arguments.
func (d *decoder) call(callee, args any) any {
	if d.err != nil {
		return nil
	}
	g, ok := callee.(*Global)
	t, isTuple := args.(Tuple)
	switch {
	case !ok:
		d.fail("a class or function", "%s", kindOf(callee))
	case g.New == nil:
		d.fail("a class that may be called", "%s, which may not", g.Name)
		d.err.Global = g.Name
	case !isTuple:
		d.fail("a tuple of arguments", "%s", kindOf(args))
	case d.spend(callCost):
		v, err := g.New(t)
		if err == nil {
			return v
		}
		if already := (*Error)(nil); errors.As(err, &already) {
			already.Offset = d.at
			d.err = already
			return nil
		}
		d.fail("", "%s: %s", g.Name, err)
	}
	return nil
}

func (d *decoder) persistent(id any) any {
	switch {
	case d.err != nil:
		return nil
	case d.opt.Persistent == nil:
		d.fail("all values in the pickle", "the id of a value outside the pickle")
		return nil
	}
	v, err := d.opt.Persistent(id)
	if err != nil {
		d.fail("", "%s", err)
	}
	return v
}

// build gives an object its state, as __setstate__ would.
func (d *decoder) build(to, state any) {
	if d.err != nil || state == nil {
		return
	}
	switch to := to.(type) {
	case *Object:
		if to.Fields != nil {
			d.setFields(to.Fields, state)
			return
		}
	case *Dict: // attributes of a subclass, as the _metadata of a state dict
		if to.Attrs == nil {
			to.Attrs = &Dict{}
		}
		d.setFields(to.Attrs, state)
		return
	case Builder:
		if err := to.Build(state); err != nil {
			d.fail("", "%s", err)
		}
		return
	}
	d.fail("an object with a state", "%s", kindOf(to))
}

// setFields takes a dict of attributes, or a pair of two such: the second is of those in slots.
func (d *decoder) setFields(to *Dict, state any) {
	both := Tuple{state}
	if t, ok := state.(Tuple); ok && len(t) == 2 {
		both = t
	}
	for _, part := range both {
		from, ok := part.(*Dict)
		switch {
		case part == nil:
		case !ok:
			d.fail("a dict of attributes", "%s", kindOf(part))
		default:
			d.update(to, from.entries)
		}
	}
}
