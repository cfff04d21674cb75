package clean

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// mostMarks is how many marks package norm puts in order; behind them it begins again, after
// a U+034F. Others do not.
const mostMarks = 30

// compose is Unicode's normalisation form C.
func compose(s string) string {
	if !manyMarks(s) {
		return norm.NFC.String(s)
	}
	return composed(ordered(s))
}

// manyMarks says that a run of marks is longer than package norm puts in order.
func manyMarks(s string) bool {
	n := 0
	for _, r := range s {
		if r < 0x300 || class(r) == 0 && !decomposesToMarks(r) {
			n = 0
		} else if n++; n >= mostMarks/3 { // a mark may be three when it is decomposed
			return true
		}
	}
	return false
}

// class is the canonical combining class: 0 of a character that begins, else the place of a mark
// in their order.
func class(r rune) uint8 { return norm.NFD.PropertiesString(string(r)).CCC() }

// decomposesToMarks is true of the few marks of class 0 or 230 that are made of others.
func decomposesToMarks(r rune) bool { return norm.NFD.PropertiesString(string(r)).LeadCCC() > 0 }

// ordered decomposes a text, and puts each run of marks in order.
func ordered(s string) []rune {
	var text []rune
	for _, r := range s {
		text = append(text, []rune(norm.NFD.String(string(r)))...)
	}
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && class(text[end]) > 0 {
			end++
		}
		slices.SortStableFunc(text[i:end], func(a, b rune) int { return cmp.Compare(class(a), class(b)) })
		i = max(end, i+1)
	}
	return text
}

// composed joins the characters of a decomposed text in order, as Unicode's algorithm does: one
// with the last that begins, if no other of its class or of class 0 is between them.
func composed(text []rune) string {
	var out []rune
	begin, last := -1, -1 // where the last beginning is, and the class of what was written after it
	for _, r := range text {
		c := int(class(r))
		if begin >= 0 && (last < c || last == -1) {
			if one, ok := joined(out[begin], r); ok {
				out[begin] = one
				continue
			}
		}
		out = append(out, r)
		if c == 0 {
			begin, last = len(out)-1, -1
		} else {
			last = c
		}
	}
	var b strings.Builder
	for _, r := range out {
		b.WriteRune(r)
	}
	return b.String()
}

// joined is the character that two are.
func joined(a, b rune) (rune, bool) {
	r := []rune(norm.NFC.String(string([]rune{a, b})))
	if len(r) != 1 {
		return 0, false
	}
	return r[0], true
}
