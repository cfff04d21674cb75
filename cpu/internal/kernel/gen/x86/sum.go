package x86

import "fmt"

// sum is the loop of a product: SI times a step, the panel at BX, the tile's sums
// in V0, V1, … Bit v of R13 says that column v of registers has ended a chain.
// When the loop is over, the last chains are yet to end.
type sum struct {
	m, w     int
	chain    int                   // steps, or 0: one chain without an end
	prefetch int                   // cache lines at R14 in unrolled steps
	apart    string                // the register with the distance of a line to the next, or ""
	beside   func()                // what else is done in unrolled steps, or nil
	packs    bool                  // rows of B are yet to be packed: see packing.go
	join     string                // makes a row of B of two: of those at BX and, AX bytes further, another
	a        func(r, u int) string // the element of A in row r, u steps ahead
	advance  func(n int)           // moves A on
	end      func(v int)           // ends the chains of column v
	place    string                // "" within the loop, "last" after it: for labels
}

// column calls do for the registers of column v.
func (s *sum) column(v int, do func(r int)) {
	for r := range s.m {
		do(s.w*r + v)
	}
}

func (f *file) sum(s *sum) {
	f.op("XORQ R13, R13")
	for r := range s.w * s.m {
		f.zero(r)
	}
	f.Label("chain")
	if s.chain == 0 {
		f.op("MOVQ SI, CX")
	} else {
		f.op("MOVQ $%d, CX", s.chain/s.w)
		f.op("CMPQ SI, CX")
		f.op("CMOVQLT SI, CX")
		f.op("SUBQ CX, SI")
	}
	f.op("SUBQ $%d, CX", unrolled)
	f.op("JL remainder")
	f.op("PCALIGN $32")
	f.Label("loop")
	for u := range unrolled {
		f.step(s, u)
	}
	if s.prefetch > 0 {
		for u := range s.prefetch {
			f.op("PREFETCHT1 %d(R14)", 64*u)
		}
		if s.apart != "" {
			f.op("ADDQ %s, R14", s.apart)
		} else {
			f.op("ADDQ $%d, R14", 64*s.prefetch)
		}
	}
	if s.beside != nil {
		s.beside()
	}
	s.advance(unrolled)
	f.nextOfPanel(s, unrolled)
	f.op("SUBQ $%d, CX", unrolled)
	f.op("JGE loop")
	f.Label("remainder")
	f.op("ADDQ $%d, CX", unrolled)
	f.op("JZ done")
	f.Label("single")
	f.step(s, 0)
	s.advance(1)
	f.nextOfPanel(s, 1)
	f.op("DECQ CX")
	f.op("JNZ single")
	f.Label("done")
	if s.chain == 0 {
		return
	}
	f.op("TESTQ SI, SI")
	f.op("JZ last")
	if s.w == 2 {
		f.op("XORQ $4, R13") // which column ends its chains
		f.op("TESTQ $4, R13")
		f.op("JZ ends1")
	}
	for v := range s.w {
		f.Label(fmt.Sprintf("ends%d", v))
		s.end(v)
		s.column(v, f.zero)
		f.op("ORQ $%d, R13", 1<<v)
		f.op("JMP chain")
	}
	f.Label("last")
	s.place = "last"
}

// step multiplies column k+u of A with row k+u of B. An element of A is loaded once for all registers of a row:
// two instructions with operands from memory would keep the load units of some processors busier than the multipliers.
func (f *file) step(s *sum, u int) {
	b := 2 * f.rows
	for v := range s.w {
		if s.packs {
			f.loadAndPack(s, u, v)
			continue
		}
		f.op("VMOVUPS %d(BX), V%d", (u*s.w+v)*f.bytes(), b+v)
		if s.join != "" {
			f.op("%s %d(BX)(AX*1), V%d, V%d", s.join, (u*s.w+v)*f.bytes(), b+v, b+v)
		}
	}
	for r := range s.m {
		t, product := b+2+r%2, 0
		if f.operand == int16s { // which takes one register for the product
			t, product = b+2, b+3
		}
		if f.operand != float32s {
			f.op("VPBROADCASTD %s, V%d", s.a(r, u), t)
		} else {
			f.op("VBROADCASTSS %s, V%d", s.a(r, u), t)
		}
		for v := range s.w {
			to := s.w*r + v
			switch {
			case f.operand == bfloat16s:
				f.vdpbf16ps(b+v, t, to)
			case f.operand == int8s:
				f.vpdpbusd(b+v, t, to)
			case f.operand == int16s:
				f.op("VPMADDWD V%d, V%d, V%d", b+v, t, product)
				f.op("VPADDD V%d, V%d, V%d", product, to, to)
			default:
				f.op("VFMADD231PS V%d, V%d, V%d", b+v, t, to)
			}
		}
	}
}
