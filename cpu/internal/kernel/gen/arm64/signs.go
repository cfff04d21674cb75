package arm64

// SDOT multiplies int8 that both have a sign, but those of A have none. So A's elements are
// taken less 128, which is a change of their highest bit, and what is missing is added: 128
// times the sum of B's column, which costs as much as one more row.

const (
	signSums = 20 // registers of the sums of columns, times -128
	signBits = 22
)

func (f *file) startSigns() {
	if f.operand != int8s {
		return
	}
	f.op("MOVD $0x80808080, R20")
	f.op("dup v%d.4s, w20", signBits)
	for v := range width {
		f.zero(signSums + v)
	}
}

// addSigns adds n rows of B.
func (f *file) addSigns(n int) {
	if f.operand != int8s {
		return
	}
	for i := range n * width {
		f.op("sdot v%d.4s, v%d.16b, v%d.16b", signSums+i%width, f.operandAt(i), signBits)
	}
}

func (f *file) dropSign(a int) {
	if f.operand == int8s {
		f.op("eor v%d.16b, v%d.16b, v%d.16b", a, a, signBits)
	}
}

func (f *file) endSigns(s *sum) {
	if f.operand != int8s {
		return
	}
	for r := range s.m {
		for v := range width {
			f.op("sub v%d.4s, v%d.4s, v%d.4s", f.at(s, r, v), f.at(s, r, v), signSums+v)
		}
	}
}
