package ptxsim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Section 9.7.14.5.8 of the ISA, "Matrix Fragments for mma.m16n8k16": where the elements of
// bfloat16 operands lie.
func fragmentA(lane, i int) (row, column int) {
	group, thread := lane>>2, lane%4
	row = group + 8
	if i < 2 || i >= 4 && i < 6 {
		row = group
	}
	column = thread*2 + i&1
	if i >= 4 {
		column += 8
	}
	return row, column
}

func fragmentB(lane, i int) (row, column int) {
	group, thread := lane>>2, lane%4
	row = thread*2 + i&1
	if i >= 2 {
		row += 8
	}
	return row, group
}

func fragmentC(lane, i int) (row, column int) {
	group, thread := lane>>2, lane%4
	row = group
	if i >= 2 {
		row += 8
	}
	return row, thread*2 + i&1
}

// runMMA runs a product of registers %r1 to %r6, the sums in %r7 to %r10, and returns these: of each of the ten, there is a
// word for each lane, which looks it up in constant memory.
func runMMA(t *testing.T, words [][]uint32, mma string) []byte {
	t.Helper()
	var table strings.Builder
	load := "shl.b32 %b, %r0, 2; cvt.u64.u32 %t, %b;\n"
	for r, list := range words {
		fmt.Fprintf(&table, ".const .align 4 .u32 w%d[32] = {%s};\n", r, strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]"))
		load += fmt.Sprintf("mov.u64 %%ad, w%d; add.s64 %%ad, %%ad, %%t; ld.const.u32 %%r%d, [%%ad];\n", r, r+1)
	}
	m, err := Parse(strings.Replace(header, ".visible", table.String()+".visible", 1) + load + mma + ` {%r7, %r8, %r9, %r10}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r7, %r8, %r9, %r10};
	st.global.v4.u32 [%out], {%r7, %r8, %r9, %r10};
}`)
	require.NoError(t, err)
	d := NewDevice(1 << 20)
	out, err := d.Alloc(16 * 32)
	require.NoError(t, err)
	require.NoError(t, d.Launch(m.Kernels["k"], Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{32, 1, 1}, Args: []any{out, out}}))
	got, err := d.Bytes(out, 16*32)
	require.NoError(t, err)
	return got
}

// A product of matrices of small whole numbers is exact, so each element must be right.
func TestMMA(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	whole := func() float32 { return float32(rng.IntN(17) - 8) }
	var a [16][16]float32
	var b [16][8]float32
	var c [16][8]float32
	for i := range 16 {
		for j := range 16 {
			a[i][j] = whole()
		}
		for j := range 8 {
			b[i][j], c[i][j] = whole(), whole()
		}
	}
	two := func(low, high float32) uint32 { return toBfloat(low) | toBfloat(high)<<16 }
	words := make([][]uint32, 10) // of each register, a word for each lane
	for lane := range 32 {
		for r := range 4 {
			i, j := fragmentA(lane, 2*r)
			k, l := fragmentA(lane, 2*r+1)
			words[r] = append(words[r], two(a[i][j], a[k][l]))
			i, j = fragmentC(lane, r)
			words[6+r] = append(words[6+r], bits32(c[i][j]))
		}
		for r := range 2 {
			i, j := fragmentB(lane, 2*r)
			k, l := fragmentB(lane, 2*r+1)
			words[4+r] = append(words[4+r], two(b[i][j], b[k][l]))
		}
	}
	got := runMMA(t, words, "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32")
	for lane := range 32 {
		for r := range 4 {
			i, j := fragmentC(lane, r)
			want := c[i][j]
			for k := range 16 {
				want += a[i][k] * b[k][j]
			}
			require.Equal(t, want, f32(uint32(get(got[16*lane+4*r:], 4))), "element (%d, %d)", i, j)
		}
	}
	fails(t, &bench{threads: 32}, `setp.lt.u32 %p, %r0, 16;
	@%p mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%r1, %r2, %r3, %r4}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r1, %r2, %r3, %r4};`, "needs all lanes")
	fails(t, &bench{}, "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%a, %a, %a, %a}, {%a, %a}, {%a}, {%a, %a, %a, %a};", "is not known")
}

// Section 9.7.14.5.7, "Matrix Fragments for mma.m16n8k8", of .tf32: each register has one element. The lower 13 bits are not
// read, so they may hold anything; sums have all of their bits.
func TestTensorFloatMMA(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	var a [16][8]float32
	var b [8][8]float32
	var c [16][8]float32
	whole := func() float32 { return float32(rng.IntN(2047) - 1023) } // 11 bits, with that which is not stored
	for i := range 16 {
		for j := range 8 {
			a[i][j], b[i%8][j], c[i][j] = whole(), whole(), whole()
		}
	}
	words := make([][]uint32, 10)
	below := func(x float32) uint32 { return bits32(x) | rng.Uint32N(1<<13) }
	for lane := range 32 {
		group, thread := lane>>2, lane%4
		for r := range 4 {
			row, column := group, thread
			if r == 1 || r == 3 {
				row = group + 8
			}
			if r >= 2 {
				column = thread + 4
			}
			words[r] = append(words[r], below(a[row][column]))
			i, j := fragmentC(lane, r)
			words[6+r] = append(words[6+r], bits32(c[i][j]))
		}
		words[4] = append(words[4], below(b[thread][group]))
		words[5] = append(words[5], below(b[thread+4][group]))
	}
	got := runMMA(t, words, "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32")
	for lane := range 32 {
		for r := range 4 {
			i, j := fragmentC(lane, r)
			want := c[i][j]
			for k := range 8 {
				want += a[i][k] * b[k][j]
			}
			require.Equal(t, want, f32(uint32(get(got[16*lane+4*r:], 4))), "element (%d, %d)", i, j)
		}
	}
	fails(t, &bench{threads: 32}, `setp.lt.u32 %p, %r0, 16;
	@%p mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%r1, %r2, %r3, %r4}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r1, %r2, %r3, %r4};`, "needs all lanes")
	fails(t, &bench{}, "cvt.rn.tf32.f32 %d, %a;", "cvt has none of .rna")
	fails(t, &bench{}, "cvt.rn.f32.tf32 %d, %a;", "not known")
}

// fillMatrices writes element (row, column) of matrix m as 1000m + 10·row + column to shared
// memory, in rows of 16 bytes.
const fillMatrices = `
	.shared .align 16 .b8 s[512];
	mov.u32 %x, s;
	shr.u32 %a, %r0, 3;       // lane l fills row l%8 of matrix l/8
	and.b32 %b, %r0, 7;
	mul.lo.s32 %d, %a, 1000;
	mad.lo.s32 %d, %b, 10, %d;
	shl.b32 %e, %r0, 4;
	add.s32 %e, %e, %x;
	mov.u32 %y, 0;
$fill:
	add.s32 %a, %d, %y;
	cvt.u16.u32 %h, %a;
	st.shared.u16 [%e], %h;
	add.s32 %e, %e, 2;
	add.s32 %y, %y, 1;
	setp.lt.u32 %p, %y, 8;
	@%p bra $fill;
	shl.b32 %e, %r0, 4;
	add.s32 %e, %e, %x;
	bar.warp.sync -1;
`

// Section 9.7.14.5.15: ldmatrix. Thread t holds elements 2(t%4) and the next of row t/4; with
// .trans, of column t/4. Threads 0 to 7 have the addresses of the rows of the first matrix, and
// so on.
func TestLoadMatrix(t *testing.T) {
	for _, transposed := range []bool{false, true} {
		name := "ldmatrix.sync.aligned.m8n8.x4.shared.b16"
		if transposed {
			name = "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16"
		}
		out, err := (&bench{threads: 32}).run(t, fillMatrices+name+" {%r1, %r2, %r3, %r4}, [%e];\nst.global.v4.u32 [%out], {%r1, %r2, %r3, %r4};", nil)
		require.NoError(t, err)
		for lane, words := range out {
			for m, w := range words {
				for half := range 2 {
					row, column := lane/4, 2*(lane%4)+half
					if transposed {
						row, column = column, row
					}
					require.Equal(t, uint32(1000*m+10*row+column), w>>(16*half)&0xffff, "lane %d matrix %d", lane, m)
				}
			}
		}
	}
	fails(t, &bench{threads: 32}, fillMatrices+"add.s32 %e, %e, 8; ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%e];", "is not aligned to 16 bytes")
}

// stmatrix is the opposite: what it stores, ldmatrix loads.
func TestStoreMatrix(t *testing.T) {
	for _, trans := range []string{"", ".trans"} {
		body := fmt.Sprintf(`%s
	ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%%r1, %%r2, %%r3, %%r4}, [%%e];
	bar.warp.sync -1;
	stmatrix.sync.aligned.m8n8.x4%s.shared.b16 [%%e], {%%r4, %%r3, %%r2, %%r1};
	bar.warp.sync -1;
	ldmatrix.sync.aligned.m8n8.x4%s.shared.b16 {%%r5, %%r6, %%r7, %%r8}, [%%e];
	setp.ne.u32 %%p, %%r1, %%r8; @%%p trap;
	setp.ne.u32 %%p, %%r2, %%r7; @%%p trap;
	setp.ne.u32 %%p, %%r4, %%r5; @%%p trap;`, fillMatrices, trans, trans)
		_, err := (&bench{threads: 32}).run(t, body, nil)
		require.NoError(t, err)
	}
}
