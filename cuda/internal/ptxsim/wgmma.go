package ptxsim

import (
	"strconv"
	"strings"
)

func init() {
	add("wgmma", 0, 8, (*parser).wgmma)
	add("setmaxnreg", 1, 1, (*parser).setRegisters)
}

// setRegisters changes how many registers a warp has, which changes no result.
func (p *parser) setRegisters(in *instruction, o *opcode, a []operand) {
	o.must("inc", "dec")
	o.must("sync")
	o.must("aligned")
	o.dtype()
	if n, ok := literal(a[0].text); !ok || n < 24 || n > 256 || n%8 != 0 {
		p.fail("%q registers, want a multiple of 8 from 24 to 256", a[0].text)
	}
	in.run = func(w *warp, lanes uint32) { w.together(lanes) }
}

// sums are what products in flight add to. Until they are waited for, the registers are NaN.
type sums struct {
	values   lanes32
	products int
}

// unfinished is what the registers hold until then.
const unfinished = 0x7fc0dead

func (p *parser) wgmma(in *instruction, o *opcode, a []operand) {
	kind := o.must("fence", "commit_group", "wait_group", "mma_async")
	o.must("sync")
	o.must("aligned")
	switch kind {
	case "fence":
		in.run = func(w *warp, lanes uint32) { w.together(lanes); w.fenced = true }
	case "commit_group":
		in.run = func(w *warp, lanes uint32) { w.together(lanes); w.products = append(w.products, nil) }
	case "wait_group":
		n, ok := literal(operandText(a))
		if !ok {
			p.fail("the number of groups is not a number")
		}
		in.run = func(w *warp, lanes uint32) {
			w.together(lanes)
			for len(w.products)-1 > int(min(n, 1<<20)) {
				for _, job := range w.products[0] {
					job()
				}
				w.products = w.products[1:]
				w.fenced = false
			}
		}
	default:
		p.multiplyGroup(in, o, a)
	}
}

// multiplyGroup is wgmma.mma_async: d (64, n) += a (64, 16)·b (16, n). Each warp of a group of four has 16
// rows of d, and computes them alone. a is in registers, as in mma, or in shared memory; b is there.
func (p *parser) multiplyGroup(in *instruction, o *opcode, a []operand) {
	name := strings.Join(o.modifiers, ".")
	shape, types, _ := strings.Cut(name, ".")
	o.modifiers = nil
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(shape, "m64n"), "k16"))
	inRegisters := len(a) > 1 && len(a[1].list) > 0
	want := 8
	if inRegisters {
		want = 7 // which cannot be transposed
	}
	if err != nil || n < 8 || n > 256 || n%8 != 0 || shape != "m64n"+strconv.Itoa(n)+"k16" || types != "f32.bf16.bf16" || len(a) != want {
		p.fail("wgmma.mma_async.%s with %d operands is not known", name, len(a))
		return
	}
	d := p.destinations(a[0], dtypes["b32"])
	var registers []int
	left := -1
	if inRegisters {
		registers = p.sources(a[1], dtypes["b32"])
	} else {
		left = p.source(a[1], dtypes["b64"])
	}
	right, keep := p.source(a[2], dtypes["b64"]), p.predicate(a[3].text)
	flags := "" // signs of the operands, whether the first is transposed if it is in memory, and the second
	for _, f := range a[4:] {
		flags += f.text
	}
	signs := "11" + strings.Repeat("0", want-7)
	transposed := flags == signs+"1"
	if len(d) != n/2 || inRegisters && len(registers) != 4 || !transposed && flags != signs+"0" {
		p.fail("%d sums, or flags %s, are not known", len(d), flags)
		return
	}
	in.run = func(w *warp, lanes uint32) {
		w.together(lanes)
		if !w.fenced {
			fail("registers have been used since the last wgmma.fence")
		}
		var x [16][16]float32
		if inRegisters {
			w.fragmentA(&x, registers)
		}
		b := w.d[right][0]
		held := w.hold(d, w.p[keep]&1 == 1)
		from := uint64(0)
		if !inRegisters {
			from = w.d[left][0]
			w.readOperand(from, &x, w.index%4*16)
		}
		w.eachColumn(b, n, transposed, func(int, int, []byte) {}) // reads now as well as later
		open := len(w.products) - 1
		w.products[open] = append(w.products[open], func() {
			if !inRegisters {
				w.readOperand(from, &x, w.index%4*16)
			}
			w.finish(held, d, &x, w.columnsOf(b, n, transposed))
		})
	}
}

// hold takes the sums out of their registers, from zero or from what is there.
func (w *warp) hold(d []int, keep bool) (list []*sums) {
	for _, r := range d {
		h := w.held[r]
		if h == nil {
			h = &sums{values: w.r[r]}
			w.held[r] = h
		}
		if !keep && h.products == 0 {
			h.values = lanes32{}
		} else if !keep {
			fail("sums start anew while products are in flight")
		}
		for l := range 32 {
			w.r[r][l] = unfinished
		}
		h.products++
		list = append(list, h)
	}
	return list
}

// finish adds a product, and gives the registers back when it was the last. Register k of lane l has element
// 2(l%4) + k%2 of group k/4 of 8 columns, in row l/4 + 8(k/2%2).
func (w *warp) finish(held []*sums, d []int, x *[16][16]float32, columns [][16]float32) {
	for k, h := range held {
		for l := range 32 {
			row, column := l/4+k/2%2*8, k/4*8+l%4*2+k%2
			h.values[l] = bits32(dot(f32(h.values[l]), &x[row], &columns[column]))
		}
		if h.products--; h.products == 0 {
			w.r[d[k]] = h.values
			delete(w.held, d[k])
		}
	}
}

// matrix is a matrix in shared memory, by the fields of its descriptor, in bytes.
type matrix struct{ start, leading, stride int }

func descriptor(d uint64) matrix {
	if d>>62 != 1 || d>>49&7 != 0 {
		fail("descriptor %#x: only matrices of swizzle 128 that begin at multiples of 1024 bytes are known", d)
	}
	return matrix{int(d&0x3fff) << 4, int(d>>16&0x3fff) << 4, int(d>>32&0x3fff) << 4}
}

// chunk is where 16 contiguous bytes of a matrix lie, eight elements: of a row, from k on, where rows are contiguous, in
// groups of 8 rows of 128 bytes; or, transposed, those of rows from `row` on at k, where columns are, in groups of 64
// rows by 8 columns.
func (m matrix) chunk(row, k int, transposed bool) uint64 {
	at := m.start
	if transposed {
		at += row/64*m.leading + row%64*2 + k/8*m.stride + k%8*128
	} else {
		at += row/8*m.stride + row%8*128 + k*2
	}
	return uint64(Swizzle128.place(at))
}

// readOperand gathers 16 rows of the first operand.
func (w *warp) readOperand(d uint64, x *[16][16]float32, first int) {
	m := descriptor(d)
	for i := range x {
		for k := 0; k < 16; k += 8 {
			b := w.engineBytes(m.chunk(first+i, k, false), 0, 16, false)
			for e := range 8 {
				x[i][k+e] = fromBfloat(uint32(get(b[2*e:], 2)))
			}
		}
	}
}

// eachColumn calls f for each chunk of the second operand, with its first column and row.
func (w *warp) eachColumn(d uint64, n int, transposed bool, f func(j, k int, b []byte)) {
	m := descriptor(d)
	across, down := 1, 8 // columns and rows from one chunk to the next
	if transposed {
		across, down = 8, 1
	}
	for j := 0; j < n; j += across {
		for k := 0; k < 16; k += down {
			f(j, k, w.engineBytes(m.chunk(j, k, transposed), 0, 16, false))
		}
	}
}

// columnsOf gathers the columns of the second operand.
func (w *warp) columnsOf(d uint64, n int, transposed bool) [][16]float32 {
	columns := make([][16]float32, n)
	w.eachColumn(d, n, transposed, func(j, k int, b []byte) {
		for e := range 8 {
			v := fromBfloat(uint32(get(b[2*e:], 2)))
			if transposed {
				columns[j+e][k] = v
			} else {
				columns[j][k+e] = v
			}
		}
	})
	return columns
}
