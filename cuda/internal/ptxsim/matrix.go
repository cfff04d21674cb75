package ptxsim

import "strings"

func init() {
	add("mma", 4, 4, (*parser).mma)
	add("ldmatrix", 2, 2, (*parser).loadMatrix)
	add("stmatrix", 2, 2, (*parser).storeMatrix)
}

// matrixCount takes how many 8×8 matrices an instruction moves.
func (o *opcode) matrixCount(list operand) int {
	o.must("sync")
	o.must("aligned")
	o.must("m8n8")
	n := map[string]int{"x1": 1, "x2": 2, "x4": 4}[o.must("x1", "x2", "x4")]
	if o.must("b16") != "" && len(elements(list)) != n {
		o.p.fail("%d registers, want %d", len(elements(list)), n)
	}
	return n
}

// matrixRows returns the eight rows of matrix j: lane 8j + i has the address of row i.
func (a *address) matrixRows(w *warp, j int, write bool) (rows [8][]byte) {
	for i := range rows {
		rows[i] = a.bytes(w, 8*j+i, 16, 16, write)
	}
	return rows
}

// loadMatrix is ldmatrix: lane l gets elements 2(l%4) and the next of row l/4; with .trans, those
// of column l/4.
func (p *parser) loadMatrix(in *instruction, o *opcode, a []operand) {
	o.matrixCount(a[0])
	transposed, state := o.flag("trans"), o.space()
	if state != shared {
		p.fail("the space is not shared")
	}
	d, at := p.destinations(a[0], dtypes["b32"]), p.address(state, a[1])
	in.run = func(w *warp, lanes uint32) {
		w.together(lanes)
		for j, r := range d {
			rows := at.matrixRows(w, j, false)
			for l := range 32 {
				row, column := l/4, l%4*2
				if transposed {
					w.r[r][l] = uint32(get(rows[column][2*row:], 2)) | uint32(get(rows[column+1][2*row:], 2))<<16
				} else {
					w.r[r][l] = uint32(get(rows[row][2*column:], 4))
				}
			}
		}
	}
}

// storeMatrix is the opposite of loadMatrix.
func (p *parser) storeMatrix(in *instruction, o *opcode, a []operand) {
	o.matrixCount(a[1])
	transposed, state := o.flag("trans"), o.space()
	if state != shared {
		p.fail("the space is not shared")
	}
	s, at := p.sources(a[1], dtypes["b32"]), p.address(state, a[0])
	in.run = func(w *warp, lanes uint32) {
		w.together(lanes)
		for j, r := range s {
			rows := at.matrixRows(w, j, true)
			for l := range 32 {
				row, column, v := l/4, l%4*2, uint64(w.r[r][l])
				if transposed {
					put(rows[column][2*row:], 2, v)
					put(rows[column+1][2*row:], 2, v>>16)
				} else {
					put(rows[row][2*column:], 4, v)
				}
			}
		}
	}
}

// What is known of mma: the shapes, the layouts of a and b, and the types of d, a, b, c.
const (
	productBF16 = "sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
	productTF32 = "sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"
)

// mma is d = a·b + c: a (16, 16), b (16, 8), c and d (16, 8); of tf32, a (16, 8) and b (8, 8).
func (p *parser) mma(in *instruction, o *opcode, a []operand) {
	name := strings.Join(o.modifiers, ".")
	if name != productBF16 && name != productTF32 {
		p.fail("mma.%s is not known, only mma.%s and mma.%s", name, productBF16, productTF32)
		return
	}
	o.modifiers = nil
	t := dtypes["b32"]
	d, x, y, c := p.destinations(a[0], t), p.sources(a[1], t), p.sources(a[2], t), p.sources(a[3], t)
	if len(d) != 4 || len(x) != 4 || len(y) != 2 || len(c) != 4 {
		p.fail("%d, %d, %d and %d registers, want 4, 4, 2 and 4", len(d), len(x), len(y), len(c))
		return
	}
	in.run = func(w *warp, lanes uint32) {
		w.together(lanes)
		var left [16][16]float32
		var right [8][16]float32 // columns of b
		if name == productTF32 {
			w.tensorFragments(&left, &right, x, y)
			w.multiply(d, c, &left, &right, dot8)
			return
		}
		w.fragmentA(&left, x)
		w.fragmentB(&right, y)
		w.multiply(d, c, &left, &right, dot)
	}
}

// tensorFragments gathers a (16, 8) and the columns of b (8, 8) of tf32: register k of lane l has element l%4 + 4(k/2) of
// row l/4 + 8(k%2) of a, and element l%4 + 4k of column l/4 of b.
func (w *warp) tensorFragments(a *[16][16]float32, b *[8][16]float32, x, y []int) {
	for k, r := range x {
		for l, v := range &w.r[r] {
			a[l/4+k%2*8][l%4+k/2*4] = f32(v &^ unread)
		}
	}
	for k, r := range y {
		for l, v := range &w.r[r] {
			b[l/4][l%4+k*4] = f32(v &^ unread)
		}
	}
}

// fragmentA gathers a (16, 16): register k of lane l has elements 2(l%4) + 8(k/2) and the next of
// row l/4 + 8(k%2), the first in the lower half.
func (w *warp) fragmentA(a *[16][16]float32, registers []int) {
	for k, r := range registers {
		R := &w.r[r]
		for l, v := range R {
			row := &a[l/4+k%2*8]
			column := l%4*2 + k/2*8
			row[column], row[column+1] = fromBfloat(v), fromBfloat(v>>16)
		}
	}
}

// fragmentB gathers the columns of b (16, 8): register k of lane l has elements 2(l%4) + 8k and the
// next of column l/4.
func (w *warp) fragmentB(b *[8][16]float32, registers []int) {
	for k, r := range registers {
		R := &w.r[r]
		for l, v := range R {
			row := l%4*2 + k*8
			b[l/4][row], b[l/4][row+1] = fromBfloat(v), fromBfloat(v>>16)
		}
	}
}

// multiply adds a·b to c: register k of lane l has element 2(l%4) + k%2 of row l/4 + 8(k/2).
func (w *warp) multiply(d, c []int, a *[16][16]float32, b *[8][16]float32, dot func(c float32, a, b *[16]float32) float32) {
	for k := range d {
		var sums lanes32
		C := &w.r[c[k]]
		for l := range 32 {
			row, column := l/4+k/2*8, l%4*2+k%2
			sums[l] = bits32(dot(f32(C[l]), &a[row], &b[column]))
		}
		w.r[d[k]] = sums
	}
}

// dot is c + a·b, in four sums.
func dot(c float32, a, b *[16]float32) float32 {
	s0, s1, s2, s3 := c, float32(0), float32(0), float32(0)
	for k := 0; k < 16; k += 4 {
		s0 += a[k] * b[k]
		s1 += a[k+1] * b[k+1]
		s2 += a[k+2] * b[k+2]
		s3 += a[k+3] * b[k+3]
	}
	return s0 + s1 + (s2 + s3)
}

// dot8 is dot of the first eight.
func dot8(c float32, a, b *[16]float32) float32 {
	s0, s1, s2, s3 := c+a[0]*b[0], a[1]*b[1], a[2]*b[2], a[3]*b[3]
	return s0 + a[4]*b[4] + (s1 + a[5]*b[5]) + (s2 + a[6]*b[6] + (s3 + a[7]*b[7]))
}
