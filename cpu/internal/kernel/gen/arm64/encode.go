package arm64

import (
	"fmt"
	"strconv"
	"strings"
)

// encode is the machine word of an instruction in ARM's own syntax, the destination first:
// "fmla v0.4s, v1.4s, v2.s[3]". An offset of zero is left out: "ldr q0, [x1]".
func encode(text string) (uint32, error) {
	text = strings.Replace(text, ", #0]", "]", 1)
	pattern, numbers := patternOf(text)
	in, ok := instructions[pattern]
	if !ok && strings.HasSuffix(pattern, "]") {
		in, ok = instructions[strings.TrimSuffix(pattern, "]")+", #_]"]
		numbers = append(numbers, 0)
	}
	if !ok {
		return 0, fmt.Errorf("%q: no such instruction (%q)", text, pattern)
	}
	word := in.word
	for i, name := range strings.Fields(in.fields) {
		bits, err := field(name, numbers[i])
		if err != nil {
			return 0, fmt.Errorf("%q: %w", text, err)
		}
		word |= bits
	}
	return word, nil
}

// patternOf is an instruction with _ for the number of each register, lane and immediate, and
// those numbers.
func patternOf(text string) (pattern string, numbers []int) {
	mnemonic, operands, _ := strings.Cut(text, " ")
	var b strings.Builder
	b.WriteString(mnemonic + " ")
	last := byte(' ')
	for i := 0; i < len(operands); {
		n := i
		for n < len(operands) && (operands[n] >= '0' && operands[n] <= '9' || operands[n] == '-' && last == '#') {
			n++
		}
		register := i > 0 && strings.IndexByte("bdhqswvx", last) >= 0 && (i == 1 || strings.IndexByte(" [{", operands[i-2]) >= 0)
		if n > i && (register || last == '#' || last == '[') {
			v, _ := strconv.Atoi(operands[i:n])
			numbers = append(numbers, v)
			b.WriteByte('_')
			last, i = '_', n
			continue
		}
		last = operands[i]
		b.WriteByte(last)
		i++
	}
	return b.String(), numbers
}

// shape is where a field lies: in bits from at on, of numbers from least to most in steps.
type shape struct{ at, least, most, step int }

var shapes = map[string]shape{
	// registers
	"d": {0, 0, 31, 1}, "n": {5, 0, 31, 1}, "m": {16, 0, 31, 1}, "a": {10, 0, 31, 1},
	// lanes of the destination
	"es": {19, 0, 3, 1}, "ed": {20, 0, 1, 1},
	// lanes of the source of a move
	"is4": {13, 0, 3, 1}, "id4": {14, 0, 1, 1},
	// a lane of float64, and bytes
	"id": {11, 0, 1, 1}, "ext": {11, 0, 15, 1},
	// a shift to the left
	"left32": {16, 0, 31, 1},
	// offsets
	"o16": {10, 0, 65520, 16}, "o8": {10, 0, 32760, 8}, "o4": {10, 0, 16380, 4},
	"p16": {15, -1024, 1008, 16}, "p8": {15, -512, 504, 8}, "post": {12, -256, 255, 1},
}

// widths are of fields whose numbers may be negative, in bits.
var widths = map[string]int{"p16": 7, "p8": 7, "post": 9}

// field is the bits of a number in a field.
func field(name string, v int) (uint32, error) {
	if s, ok := shapes[name]; ok {
		if v < s.least || v > s.most || v%s.step != 0 {
			return 0, fmt.Errorf("%d is not within %d to %d in steps of %d", v, s.least, s.most, s.step)
		}
		bits := uint32(v / s.step)
		if w := widths[name]; w > 0 {
			bits &= 1<<w - 1
		}
		return bits << s.at, nil
	}
	n := uint32(v)
	switch {
	case name == "nm" && v <= 31: // one register in two fields
		return n<<5 | n<<16, nil
	case name == "is" && v <= 3: // lanes of 32 bits
		return n&1<<21 | n>>1<<11, nil
	case name == "ih" && v <= 7: // lanes of 16 bits
		return n&3<<20 | n>>2<<11, nil
	case name == "m4" && v <= 15: // a register with such a lane
		return n << 16, nil
	case name == "lane" && v <= 3:
		return n&1<<12 | n>>1<<30, nil
	case name == "right32" && v >= 1 && v <= 32:
		return (32 - n) << 16, nil
	case strings.HasPrefix(name, "c") && name[1:] == strconv.Itoa(v): // a number that must be there
		return 0, nil
	}
	return 0, fmt.Errorf("%d is not possible for %s", v, name)
}
