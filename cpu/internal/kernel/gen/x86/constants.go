package x86

import (
	"fmt"
	"math"
)

// keep lets constants stay in registers from floor on, where the instruction set
// has so many: loads of constants would cost more than the arithmetic.
func (f *file) keep(floor int) {
	if f.reg == 'Z' {
		f.floor = floor
	}
}

// c is a constant of all lanes, as an operand: a register if it is kept in one,
// else memory.
func (f *file) c(name string, v float64) string { return f.bits(name, math.Float32bits(float32(v))) }

func (f *file) bits(name string, v uint32) string {
	var all vector
	for i := range all {
		all[i] = v
	}
	return f.constant(name, all)
}

// vector is the bits of a register, of which AVX2 has the first half.
type vector [16]uint32

// lookup is a constant of a number for each lane, as an operand.
func (f *file) lookup(name string, x [16]float64) string {
	var bits vector
	for i, v := range x {
		bits[i] = math.Float32bits(float32(v))
	}
	return f.constant(name, bits)
}

func (f *file) constant(name string, v vector) string {
	f.Constant(name, v[:f.lanes])
	if _, ok := f.kept[name]; !ok && len(f.kept) < 32-f.floor {
		f.kept[name] = 31 - len(f.kept)
	}
	if r, ok := f.kept[name]; ok {
		return fmt.Sprintf("V%d", r)
	}
	return name + "<>(SB)"
}

// cr is a constant in a register: its own, or else tmp.
func (f *file) cr(name string, v float64, tmp int) int {
	at := f.c(name, v)
	if r, ok := f.kept[name]; ok {
		return r
	}
	f.op("VMOVUPS %s, V%d", at, tmp)
	return tmp
}
