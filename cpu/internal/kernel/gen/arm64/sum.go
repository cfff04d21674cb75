package arm64

import "fmt"

// sum is the loop of a product: R0 times a step, the panel at R3, A at R1 and by rows from
// the addresses of rowAt on, the tile's sums in registers. Bit v of R22 says that column v of
// registers has ended a chain. When the loop is over, the last chains are yet to end.
type sum struct {
	m        int         // rows
	chain    int         // steps, or 0: one chain without an end
	byCols   bool        // A is read by columns
	prefetch bool        // a cache line at R6 a step
	join     string      // "add" or "sub": the panel is the sum or difference of this and that at R23, and kept at R24
	end      func(v int) // ends the chains of column v
}

// at is the register of a sum.
func (f *file) at(s *sum, r, v int) int {
	if f.operand == int16s { // whose elements of A are in the lower half of registers
		return 8 + width*r + v
	}
	return width*r + v
}

// operandAt are registers for operands: four of B, then four of A.
func (f *file) operandAt(i int) int {
	if f.operand == int16s {
		return 4 ^ i&4 + i&3
	}
	return 24 + i
}

func (f *file) sum(s *sum) {
	f.op("MOVD ZR, R22")
	if !s.byCols {
		f.op("MOVD ZR, R19")
	}
	zero := func(v int) {
		for r := range s.m {
			f.zero(f.at(s, r, v))
		}
	}
	for v := range width {
		zero(v)
	}
	if f.operand == int8s {
		f.startRows(s)
	}
	f.Label("chain")
	if s.chain == 0 {
		f.op("MOVD R0, R21")
	} else {
		f.op("MOVD $%d, R21", s.chain/width)
		f.op("CMP R21, R0")
		f.op("CSEL LT, R0, R21, R21")
		f.op("SUB R21, R0, R0")
	}
	f.op("SUBS $%d, R21, R21", unrolled)
	f.op("BLT remainder")
	f.op("PCALIGN $16")
	f.Label("loop")
	f.steps(s, unrolled)
	f.op("SUBS $%d, R21, R21", unrolled)
	f.op("BGE loop")
	f.Label("remainder")
	f.op("TBZ $0, R21, done")
	f.steps(s, 1)
	f.Label("done")
	if s.chain == 0 {
		return
	}
	f.op("CBZ R0, last")
	f.op("EOR $4, R22, R22") // which column ends its chains
	f.op("TBZ $2, R22, ends1")
	for v := range width {
		f.Label(fmt.Sprintf("ends%d", v))
		s.end(v)
		zero(v)
		f.op("ORR $%d, R22, R22", 1<<v)
		f.op("B chain")
	}
	f.Label("last")
}

// steps multiplies the next n columns of A with as many rows of B.
func (f *file) steps(s *sum, n int) {
	if s.byCols {
		for range n {
			f.loadRow(s, 1)
			f.stepByCols(s)
		}
		return
	}
	f.loadRow(s, n)
	for r := range s.m {
		t := f.operandAt(4 + r%4)
		f.op("ldr %s%d, [x%d, x19]", [...]string{1: "s", "d"}[n], t, rowAt(r))
		if f.operand == int16s {
			f.multiplyInt16(s, r, t, n)
			continue
		}
		for u := range n {
			for v := range width {
				f.multiply(f.at(s, r, v), width*u+v, t, u)
			}
		}
	}
	f.op("ADD $%d, R19", 4*n)
	if s.prefetch {
		for u := range n {
			f.op("PRFM %d(R6), PLDL2KEEP", 64*u)
		}
		f.op("ADD $%d, R6", 64*n)
	}
}

// loadRow loads n rows of B. Where they are of two panels, the operands of A are clobbered.
func (f *file) loadRow(s *sum, n int) {
	if f.operand == int16s {
		f.loadRowOfInt16(s, n)
		return
	}
	for i := 0; i < n*width; i += 2 {
		x, y := f.operandAt(i), f.operandAt(i+1)
		f.op("FLDPQ %d(R3), (F%d, F%d)", i*bytes, x, y)
		f.joinWith(s, i, x, y, f.operandAt(4+i), f.operandAt(5+i))
	}
	f.nextRow(s, n)
}

// joinWith adds to two registers of B, i registers from its beginning, what is to be joined
// with them. Two temporaries are clobbered.
func (f *file) joinWith(s *sum, i, x, y, t, u int) {
	if s.join == "" {
		return
	}
	instruction, lanes := "f"+s.join, "4s"
	if f.operand == int16s {
		instruction, lanes = s.join, "8h"
	}
	f.op("FLDPQ %d(R23), (F%d, F%d)", i*bytes, t, u)
	for _, p := range [][2]int{{x, t}, {y, u}} {
		f.op("%s v%d.%s, v%d.%s, v%d.%s", instruction, p[0], lanes, p[0], lanes, p[1], lanes)
	}
	if f.keepsPanel() {
		f.op("FSTPQ (F%d, F%d), %d(R24)", x, y, i*bytes)
	}
}

// nextRow goes on by n rows of B.
func (f *file) nextRow(s *sum, n int) {
	f.op("ADD $%d, R3", n*width*bytes)
	if s.join != "" {
		f.op("ADD $%d, R23", n*width*bytes)
		if f.keepsPanel() {
			f.op("ADD $%d, R24", n*width*bytes)
		}
	}
}

// stepByCols multiplies a column of A, read as it lies, with the row of B that is loaded.
func (f *file) stepByCols(s *sum) {
	type piece struct {
		letter string
		rows   int
	}
	t, r := 2, 0
	for _, p := range []piece{{"q", 4}, {"q", 4}, {"q", 4}, {"d", 2}, {"s", 1}} {
		if s.m-r < p.rows {
			continue
		}
		f.op("ldr %s%d, [x1, #%d]", p.letter, f.operandAt(t), 4*r)
		for i := range p.rows {
			for v := range width {
				f.multiply(f.at(s, r+i, v), v, f.operandAt(t), i)
			}
		}
		t, r = t+1, r+p.rows
	}
	f.op("ADD R2, R1")
}

// multiply adds to a sum operand b of B by element i of register a.
func (f *file) multiply(to, b, a, i int) {
	switch f.operand {
	case float32s:
		f.op("fmla v%d.4s, v%d.4s, v%d.s[%d]", to, f.operandAt(b), a, i)
	case int8s:
		f.op("udot v%d.4s, v%d.16b, v%d.4b[%d]", to, f.operandAt(b), a, i)
	}
}
