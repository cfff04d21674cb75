package ptxsim

import (
	"cmp"
	"maps"
	"slices"
)

func init() { add("setp", 3, 4, (*parser).compare) }

// relation says for which outcomes a comparison holds.
type relation uint8

const (
	less relation = 1 << iota
	equal
	greater
	unordered // one of the two is NaN
)

// relations are the operators of setp.
var relations = map[string]relation{
	"eq": equal, "ne": less | greater, "lt": less, "le": less | equal, "gt": greater, "ge": greater | equal,
	"lo": less, "ls": less | equal, "hi": greater, "hs": greater | equal,
	"equ": equal | unordered, "neu": less | greater | unordered, "ltu": less | unordered, "leu": less | equal | unordered,
	"gtu": greater | unordered, "geu": greater | equal | unordered,
	"num": less | equal | greater, "nan": unordered,
}

var comparisons = slices.Collect(maps.Keys(relations))

// compare is setp: p|q = (a op b) combined with c; q has the opposite of the comparison.
func (p *parser) compare(in *instruction, o *opcode, a []operand) {
	op, combine := o.must(comparisons...), o.one("and", "or", "xor")
	o.flag("ftz")
	t := o.dtype()
	if (combine != "") != (len(a) == 4) {
		p.fail("%d operands, want %d", len(a), 3+len(combine)/2)
		return
	}
	yes, no := p.predicateDestination(a[0].text), p.predicateDestination(a[0].second)
	var c predicateSource
	if combine != "" {
		c = p.predicateSource(a[3])
	}
	test := p.test(op, t, a[1], a[2])
	in.run = func(w *warp, lanes uint32) {
		v := test(w, lanes)
		n := ^v
		switch combine {
		case "and":
			v, n = v&c.lanes(w), n&c.lanes(w)
		case "or":
			v, n = v|c.lanes(w), n|c.lanes(w)
		case "xor":
			v, n = v^c.lanes(w), n^c.lanes(w)
		}
		w.setPredicate(yes, lanes, v)
		w.setPredicate(no, lanes, n)
	}
}

// test returns in which lanes a comparison holds.
func (p *parser) test(op string, t dtype, a, b operand) func(w *warp, lanes uint32) uint32 {
	x, y := p.source(a, t), p.source(b, t)
	floating := len(op) == 3
	is := relations[op]
	if t.class != float && floating || t.class == predicate || t.class == bfloat || t.class == packed {
		p.fail("comparison %s is not for this type", op)
		return nil
	}
	switch {
	case t.class == float && t.is64():
		return func(w *warp, lanes uint32) (v uint32) {
			each(lanes, func(i int) { v |= holds(is, f64(w.d[x][i]), f64(w.d[y][i])) << i })
			return v
		}
	case t.class == float:
		return func(w *warp, lanes uint32) (v uint32) {
			each(lanes, func(i int) { v |= holds(is, f32(w.r[x][i]), f32(w.r[y][i])) << i })
			return v
		}
	case t.is64() && t.class == signed:
		return func(w *warp, lanes uint32) (v uint32) {
			each(lanes, func(i int) { v |= holds(is, int64(w.d[x][i]), int64(w.d[y][i])) << i })
			return v
		}
	case t.is64():
		return func(w *warp, lanes uint32) (v uint32) {
			each(lanes, func(i int) { v |= holds(is, w.d[x][i], w.d[y][i]) << i })
			return v
		}
	case t.class == signed:
		return func(w *warp, lanes uint32) (v uint32) {
			each(lanes, func(i int) { v |= holds(is, int64(t.extend(w.r[x][i])), int64(t.extend(w.r[y][i]))) << i })
			return v
		}
	}
	return func(w *warp, lanes uint32) (v uint32) {
		each(lanes, func(i int) { v |= holds(is, t.extend(w.r[x][i]), t.extend(w.r[y][i])) << i })
		return v
	}
}

// holds is 1 if a comparison does, else 0.
func holds[T cmp.Ordered](r relation, x, y T) uint32 {
	switch {
	case x < y:
		return bit(r&less != 0)
	case x == y:
		return bit(r&equal != 0)
	case x > y:
		return bit(r&greater != 0)
	}
	return bit(r&unordered != 0)
}

func bit(yes bool) uint32 {
	if yes {
		return 1
	}
	return 0
}
