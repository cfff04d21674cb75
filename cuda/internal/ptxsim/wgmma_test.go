package ptxsim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Section 9.7.15.5 of the ISA: wgmma. A (64, 16) and B (16, 64) of small whole numbers, B as rows of K, or
// transposed; both in shared memory, swizzled by 128, or A in registers.
func TestWGMMA(t *testing.T) {
	for _, c := range []struct{ registers, transposed bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
		rng := rand.New(rand.NewPCG(1, 1))
		var a [64][16]float32
		var b [16][64]float32
		image := make([]byte, 8192+8192) // A in rows of 128 bytes, of which 32 are used; then B
		element := func(at int, v float32) {
			binary.LittleEndian.PutUint16(image[Swizzle128.place(at):], uint16(toBfloat(v)))
		}
		for i := range 64 {
			for k := range 16 {
				a[i][k], b[k][i] = float32(rng.IntN(9)-4), float32(rng.IntN(9)-4)
				element(i/8*1024+i%8*128+2*k, a[i][k])
				if c.transposed { // rows of N: 64 of them are 128 bytes, and 8 rows of K a group
					element(8192+k/8*1024+k%8*128+2*i, b[k][i])
				} else {
					element(8192+i/8*1024+i%8*128+2*k, b[k][i])
				}
			}
		}
		var words []string
		for i := 0; i < len(image); i += 4 {
			words = append(words, fmt.Sprint(binary.LittleEndian.Uint32(image[i:])))
		}
		operand, flags := "%ad", "1, 1, 0, "
		fragments := ""
		if c.registers {
			operand, flags = "{%r32, %r33, %r34, %r35}", "1, 1, "
			// By section "Register Fragments": a warp has 16 rows, in the layout of mma.
			for r := range 4 {
				fragments += fmt.Sprintf(`
	shr.u32 %%x, %%tid, 2; and.b32 %%y, %%x, 7; shr.u32 %%x, %%tid, 5; shl.b32 %%x, %%x, 4;
	add.s32 %%x, %%x, %%y; add.s32 %%x, %%x, %d; and.b32 %%y, %%tid, 3; shl.b32 %%y, %%y, 2; add.s32 %%y, %%y, %d; // row, and byte
	shl.b32 %%r0, %%x, 7; add.s32 %%r0, %%r0, %%y; and.b32 %%x, %%x, 7; shl.b32 %%x, %%x, 4; xor.b32 %%r0, %%r0, %%x;
	add.s32 %%r0, %%r0, %%s; ld.shared.u32 %%r%d, [%%r0];`, r%2*8, r/2*16, 32+r)
			}
		}
		last := "0"
		if c.transposed {
			last = "1"
		}
		var regs []string
		for i := range 32 {
			regs = append(regs, fmt.Sprintf("%%r%d", i))
		}
		zero := ""
		for _, r := range regs {
			zero += "mov.f32 " + r + ", 0f3F800000;\n"
		}
		store := "mul.wide.u32 %t, %tid, 124; add.s64 %out, %out, %t;\n" // 128 bytes a thread
		for i, r := range regs {
			store += fmt.Sprintf("st.global.u32 [%%out+%d], %s;\n", 4*i, r)
		}
		body := `
	mov.u32 %x, 0;
$copy:
	shl.b32 %y, %tid, 2; add.s32 %y, %y, %x; cvt.u64.u32 %t, %y; mov.u64 %ad, image; add.s64 %t, %t, %ad; ld.const.u32 %r0, [%t];
	add.s32 %y, %y, %s; st.shared.u32 [%y], %r0;
	add.s32 %x, %x, 512; setp.lt.u32 %q, %x, 16384; @%q bra $copy;
	bar.sync 0;
` + fragments + `
	shr.u32 %x, %s, 4; cvt.u64.u32 %ad, %x; or.b64 %ad, %ad, 0x4000004000010000; // rows of 128 bytes, swizzled, 1024 bytes a group
	add.s64 %bd, %ad, 512;
` + zero + `
	setp.eq.u32 %q, %s, %s;
	FENCE
	wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {` + strings.Join(regs, ", ") + "}, " + operand + ", %bd, %q, " + flags + last + `;
	wgmma.commit_group.sync.aligned;
	WAIT
` + store
		run := func(body string) ([]uint32, error) {
			return hopperWith(t, ".const .align 16 .u32 image[4096] = {"+strings.Join(words, ", ")+"};\n", body)
		}
		const fence, wait = "wgmma.fence.sync.aligned;", "wgmma.wait_group.sync.aligned 0;"
		got, err := run(replace(body, "FENCE", fence, "WAIT", wait))
		require.NoError(t, err)
		for thread := range 128 {
			for i := range 32 {
				row, column := thread/32*16+thread%32/4+i/2%2*8, i/4*8+thread%4*2+i%2
				want := float32(1)
				for k := range 16 {
					want += a[row][k] * b[k][column]
				}
				require.Equal(t, want, f32(got[32*thread+i]), "%+v element (%d, %d)", c, row, column)
			}
		}
		got, err = run(replace(body, "FENCE", fence, "WAIT", ""))
		require.NoError(t, err)
		require.Equal(t, hex(unfinished), hex(got[0]), "without the wait")
		_, err = run(replace(body, "FENCE", "", "WAIT", wait))
		require.ErrorContains(t, err, "since the last wgmma.fence")
	}
}

// hopperWith is hopper with declarations, 128 threads and 4096 words of output.
func hopperWith(t *testing.T, declarations, body string) ([]uint32, error) {
	t.Helper()
	m, err := Parse(".version 8.0\n.target sm_90a\n.address_size 64\n" + declarations + `.extern .shared .align 1024 .b8 dynamic[];
.visible .entry k(.param .u64 out)
{
	.reg .pred %q;
	.reg .b32 %s, %x, %y, %tid, %r<40>;
	.reg .b64 %out, %t, %ad, %bd;
	ld.param.u64 %out, [out];
	mov.u32 %tid, %tid.x;
	mul.wide.u32 %t, %tid, 4;
	add.s64 %out, %out, %t;
	mov.u32 %s, dynamic;
` + body + "\n}")
	require.NoError(t, err)
	d := NewDevice(1 << 20)
	out, err := d.Alloc(4 * 4096)
	require.NoError(t, err)
	if err := d.Launch(m.Kernels["k"], Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{128, 1, 1}, Shared: 16384, Args: []any{out}}); err != nil {
		return nil, err
	}
	data, err := d.Bytes(out, 4*4096)
	require.NoError(t, err)
	words := make([]uint32, 4096)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return words, nil
}
