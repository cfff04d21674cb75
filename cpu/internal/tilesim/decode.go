package main

// operation is an AMX instruction.
type operation int

const (
	ldtilecfg operation = iota
	sttilecfg
	tilerelease
	tilezero
	tileloadd
	tileloaddt1
	tilestored
	tdpbf16ps
	tdpbssd
	tdpbsud
	tdpbusd
	tdpbuud
	prefetch // not of AMX, but found among its instructions: it has no effect
)

var operationNames = []string{
	"LDTILECFG", "STTILECFG", "TILERELEASE", "TILEZERO", "TILELOADD", "TILELOADDT1", "TILESTORED",
	"TDPBF16PS", "TDPBSSD", "TDPBSUD", "TDPBUSD", "TDPBUUD", "PREFETCH",
}

func (o operation) String() string { return operationNames[o] }

// instruction is a decoded one: tiles are dst, a and b as Intel orders them.
type instruction struct {
	op        operation
	dst, a, b int
	mem       memory
	size      int // bytes
}

// memory is an operand: base + index·scale + disp. Registers are numbered as the
// machine does; none is absent.
type memory struct {
	base, index int
	scale       uint64
	disp        int64
	next        bool // relative to the next instruction
}

const none = -1

// The second byte of opcode and prefix of each operation, all in the VEX map 0F38.
var encodings = map[[2]byte]operation{
	{0x49, 0}: ldtilecfg, {0x49, 1}: sttilecfg, {0x49, 3}: tilezero,
	{0x4b, 3}: tileloadd, {0x4b, 1}: tileloaddt1, {0x4b, 2}: tilestored,
	{0x5c, 2}: tdpbf16ps,
	{0x5e, 3}: tdpbssd, {0x5e, 2}: tdpbsud, {0x5e, 1}: tdpbusd, {0x5e, 0}: tdpbuud,
}

// decode reads an instruction at the start of code, and reports whether it is one
// that can be done.
func decode(code []byte) (instruction, bool) {
	if in, ok := decodePrefetch(code); ok {
		return in, true
	}
	return decodeTile(code)
}

// decodePrefetch reads 0F 18, with a REX prefix or without.
func decodePrefetch(code []byte) (in instruction, ok bool) {
	var rex byte
	if len(code) > 0 && code[0]>>4 == 4 {
		rex, in.size = code[0], 1
	}
	if len(code) < in.size+3 || code[in.size] != 0x0f || code[in.size+1] != 0x18 || code[in.size+2]>>6 == 3 {
		return in, false
	}
	modrm := code[in.size+2]
	in.op, in.size = prefetch, in.size+3
	return in, in.operand(code, modrm>>6, int(modrm&7), int(rex>>1&1)<<3, int(rex&1)<<3)
}

func decodeTile(code []byte) (in instruction, ok bool) {
	if len(code) < 5 || code[0] != 0xc4 || code[1]&0x1f != 2 || code[2]&0x84 != 0 { // VEX, map 0F38, W0, 128 bits
		return in, false
	}
	high := func(bit int) int { return int(^code[1]>>bit&1) << 3 } // R, X, B extend register numbers
	vvvv := int(^code[2] >> 3 & 15)
	if in.op, ok = encodings[[2]byte{code[3], code[2] & 3}]; !ok {
		return in, false
	}
	mod, reg, rm := code[4]>>6, int(code[4]>>3&7)|high(7), int(code[4]&7)
	in.size = 5
	if mod == 3 {
		switch {
		case in.op == ldtilecfg && reg == 0 && rm == 0 && vvvv == 0:
			in.op = tilerelease
			return in, true
		case in.op == tilezero && rm == 0 && vvvv == 0:
			in.dst = reg
			return in, reg < tileCount
		case in.op >= tdpbf16ps:
			in.dst, in.a, in.b = reg, rm|high(5), vvvv
			return in, max(in.dst, in.a, in.b) < tileCount
		}
		return in, false
	}
	switch in.op {
	case ldtilecfg, sttilecfg:
		ok = reg == 0
	case tileloadd, tileloaddt1, tilestored:
		in.dst = reg
		ok = rm == 4 && reg < tileCount
	default:
		ok = false
	}
	if !ok || vvvv != 0 {
		return in, false
	}
	return in, in.operand(code, mod, rm, high(6), high(5))
}

// operand decodes the memory operand whose ModRM byte has just been read.
func (in *instruction) operand(code []byte, mod byte, rm, x, b int) bool {
	m := memory{base: rm | b, index: none, scale: 1}
	long := mod == 2
	if rm == 4 {
		if len(code) <= in.size {
			return false
		}
		sib := code[in.size]
		in.size++
		m.base = int(sib&7) | b
		if i := int(sib>>3&7) | x; i != 4 { // the stack pointer is no index
			m.index, m.scale = i, 1<<(sib>>6)
		}
		if mod == 0 && sib&7 == 5 {
			m.base, long = none, true
		}
	} else if mod == 0 && rm == 5 {
		m.base, m.next, long = none, true, true
	}
	n := 0
	switch {
	case long:
		n = 4
	case mod == 1:
		n = 1
	}
	if len(code) < in.size+n {
		return false
	}
	d := code[in.size:]
	switch n {
	case 4:
		m.disp = int64(int32(uint32(d[0]) | uint32(d[1])<<8 | uint32(d[2])<<16 | uint32(d[3])<<24))
	case 1:
		m.disp = int64(int8(d[0]))
	}
	in.size += n
	in.mem = m
	return true
}
