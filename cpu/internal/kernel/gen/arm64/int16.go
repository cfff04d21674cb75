package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// Products of int16, for int8 where there is no UDOT. A word of an operand has two k, and
// SMLAL multiplies four columns of one k: so a row of B is parted by k as it is loaded.

// loadRowOfInt16 loads n rows of B to operands 0, 1, …: eight columns of one k each. The
// operands of A are clobbered.
func (f *file) loadRowOfInt16(s *sum, n int) {
	for u := range n {
		x, y := f.operandAt(4+2*u), f.operandAt(5+2*u)
		f.op("FLDPQ %d(R3), (F%d, F%d)", 2*u*bytes, x, y)
		f.joinWith(s, 2*u, x, y, f.operandAt(2*u), f.operandAt(2*u+1))
		for half := range 2 {
			f.op("uzp%d v%d.8h, v%d.8h, v%d.8h", 1+half, f.operandAt(2*u+half), x, y)
		}
	}
	f.nextRow(s, n)
}

// multiplyInt16 multiplies n words of a row of A with as many rows of B.
func (f *file) multiplyInt16(s *sum, r, a, n int) {
	for k := range 2 * n {
		f.op("smlal v%d.4s, v%d.4h, v%d.h[%d]", f.at(s, r, 0), f.operandAt(k), a, k)
		f.op("smlal2 v%d.4s, v%d.8h, v%d.h[%d]", f.at(s, r, 1), f.operandAt(k), a, k)
	}
}

// toInt16 makes int16 of uint8, and of int8, for products of int16.
func (f *file) toInt16() {
	f.extend("uint8ToInt16", "uint8", "ushll")
	f.extend("int8ToInt16", "int8", "sshll")
}

func (f *file) extend(name, from, instruction string) {
	f.begin(name, fmt.Sprintf("makes int16 of n %s, %d at a time: some more where n is no multiple.", from, bytes), asm.Args("dst ptr, src ptr, n int"), "R0", "R1", "R2")
	f.Label("loop")
	f.op("FMOVQ.P %d(R1), F0", bytes)
	f.op("%s v1.8h, v0.8b, #0", instruction)
	f.op("%s2 v2.8h, v0.16b, #0", instruction)
	f.op("FSTPQ.P (F1, F2), %d(R0)", 2*bytes)
	f.op("SUBS $%d, R2, R2", bytes)
	f.op("BGT loop")
	f.end()
}
