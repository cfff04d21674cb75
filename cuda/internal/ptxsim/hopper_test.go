package ptxsim

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Swizzling Modes", in the ISA's chapter on tensors: which 16-byte chunk lies where, in lines of 128 bytes.
// The pattern repeats after as many lines as there are here.
func TestSwizzle(t *testing.T) {
	for mode, lines := range map[Swizzle][][8]int{
		NoSwizzle: {{0, 1, 2, 3, 4, 5, 6, 7}},
		Swizzle32: {{0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6}},
		Swizzle64: {{0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6}, {2, 3, 0, 1, 6, 7, 4, 5}, {3, 2, 1, 0, 7, 6, 5, 4}},
		Swizzle128: {
			{0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6}, {2, 3, 0, 1, 6, 7, 4, 5}, {3, 2, 1, 0, 7, 6, 5, 4},
			{4, 5, 6, 7, 0, 1, 2, 3}, {5, 4, 7, 6, 1, 0, 3, 2}, {6, 7, 4, 5, 2, 3, 0, 1}, {7, 6, 5, 4, 3, 2, 1, 0},
		},
	} {
		for i := range 16 {
			for j := range 8 {
				got := mode.place(128*i + 16*j + 5)
				require.Equal(t, 128*i+16*lines[i%len(lines)][j]+5, got, "%v line %d chunk %d", mode, i, j)
			}
		}
	}
}

// hopper runs a kernel k on a device with a tensor of 2-byte numbers 1, 2, …, (rows, columns) in rows of
// 64 elements, and returns n words of its output.
func hopper(t *testing.T, d *Device, threads, rows, columns int, box [3]int, mode Swizzle, body string, n int) ([]uint32, error) {
	t.Helper()
	m, err := Parse(`.version 8.0
.target sm_90a
.address_size 64
.extern .shared .align 1024 .b8 dynamic[];
.visible .entry k(.param .u64 out, .param .align 64 .b8 map[128])
{
	.reg .pred %p, %q;
	.reg .b16 %h;
	.reg .b32 %s, %b, %x, %y, %tid, %r<40>;
	.reg .b64 %out, %map, %t, %ad, %bd;
	ld.param.u64 %out, [out];
	mov.b64 %map, map;
	cvta.param.u64 %map, %map;
	mov.u32 %tid, %tid.x;
	mul.wide.u32 %t, %tid, 4;
	add.s64 %out, %out, %t;
	mov.u32 %s, dynamic;
	add.s32 %b, %s, 32768; // a barrier
	setp.eq.u32 %p, %tid, 0;
` + body + "\n}")
	require.NoError(t, err)
	in, err := d.Alloc(2 * 64 * rows)
	require.NoError(t, err)
	data, err := d.Bytes(in, 2*64*rows)
	require.NoError(t, err)
	for i := range rows * columns {
		binary.LittleEndian.PutUint16(data[2*(i/columns*64+i%columns):], uint16(i+1))
	}
	out, err := d.Alloc(4 * n)
	require.NoError(t, err)
	tensorMap := TensorMap{Base: in, Dims: [3]int{columns, rows}, Strides: [2]uint64{128}, Box: box, Size: 2, Swizzle: mode}
	if err := d.Launch(m.Kernels["k"], Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{threads, 1, 1}, Shared: 32768 + 64, Args: []any{out, tensorMap.Encode()}}); err != nil {
		return nil, err
	}
	data, err = d.Bytes(out, 4*n)
	require.NoError(t, err)
	words := make([]uint32, n)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return words, nil
}

// fetch lets thread 0 fetch the box at (x, y), and every thread wait for it.
const fetch = `
	@%p mbarrier.init.shared::cta.b64 [%b], 1;
	@%p fence.mbarrier_init.release.cluster;
	bar.sync 0;
	mov.u32 %x, X;
	mov.u32 %y, Y;
	@%p mbarrier.arrive.expect_tx.shared::cta.b64 _, [%b], BYTES;
	@%p cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%s], [%map, {%x, %y}], [%b];
	WAIT
`

const wait = `$wait: mbarrier.try_wait.parity.shared::cta.b64 %q, [%b], 0;
	@!%q bra $wait;`

// A box is swizzled, and zero where it lies outside of the tensor.
func TestFetch(t *testing.T) {
	const rows, columns = 9, 20
	for _, mode := range []Swizzle{NoSwizzle, Swizzle32, Swizzle64} {
		for _, immediate := range []bool{false, true} {
			for _, order := range []Order{FirstFirst, LastFirst, Interleaved} {
				d := NewDevice(1 << 20)
				d.Immediate, d.Order, d.Races = immediate, order, true
				body := replace(fetch, "X", "16", "Y", "-2", "BYTES", "512", "WAIT", wait) + `
	shl.b32 %r0, %tid, 2;
	add.s32 %s, %s, %r0;
	ld.shared.u32 %r0, [%s];
	st.global.u32 [%out], %r0;`
				words, err := hopper(t, d, 128, rows, columns, [3]int{16, 16}, mode, body, 128)
				require.NoError(t, err)
				for i := range 256 { // the element at row i/16, column i%16 of the box
					at := mode.place(2 * i)
					got := words[at/4] >> (8 * (at % 4)) & 0xffff
					y, x := i/16-2, i%16+16
					want := uint32(0)
					if y >= 0 && y < rows && x < columns {
						want = uint32(y*columns + x + 1)
					}
					require.Equal(t, want, got, "%v element %d", mode, i)
				}
			}
		}
	}
	d := NewDevice(1 << 20)
	_, err := hopper(t, d, 32, rows, columns, [3]int{32, 4}, Swizzle32, replace(fetch, "X", "0", "Y", "0", "BYTES", "256", "WAIT", ""), 1)
	require.ErrorContains(t, err, "rows of 64 bytes in a box: want a multiple of 16, and at most what is swizzled")
}

// Who reads without having waited reads too early: it is a race, whatever the order.
func TestFetchRaces(t *testing.T) {
	for _, order := range []Order{FirstFirst, LastFirst, Interleaved} {
		d := NewDevice(1 << 20)
		d.Order, d.Races = order, true
		body := replace(fetch, "X", "0", "Y", "0", "BYTES", "512", "WAIT", "") + `
	@%p bra $wait;
	ld.shared.u32 %r0, [%s];
	st.global.u32 [%out], %r0;
	exit;
` + wait
		_, err := hopper(t, d, 64, 9, 20, [3]int{16, 16}, NoSwizzle, body, 64)
		require.ErrorContains(t, err, "a race")
	}
}

// Phases end when all threads have arrived and all bytes have come; parity tells which.
func TestMBarrier(t *testing.T) {
	run := func(body string) error {
		_, err := hopper(t, NewDevice(1<<20), 64, 1, 8, [3]int{8, 1}, NoSwizzle, body, 1)
		return err
	}
	const start = "@%p mbarrier.init.shared::cta.b64 [%b], 64; bar.sync 0;"
	require.NoError(t, run(start+`
	mbarrier.arrive.shared::cta.b64 _, [%b];
	$first: mbarrier.try_wait.parity.shared::cta.b64 %q, [%b], 0; @!%q bra $first;
	mbarrier.arrive.shared::cta.b64 _, [%b];
	$second: mbarrier.try_wait.parity.shared::cta.b64 %q, [%b], 1; @!%q bra $second;`))
	require.ErrorContains(t, run(start+`
	setp.lt.u32 %q, %tid, 63; @%q mbarrier.arrive.shared::cta.b64 _, [%b];
	$first: mbarrier.try_wait.parity.shared::cta.b64 %q, [%b], 0; @!%q bra $first;`), "no warp can go on")
	require.ErrorContains(t, run("@%p mbarrier.init.shared::cta.b64 [%b], 63; bar.sync 0; mbarrier.arrive.shared::cta.b64 _, [%b]; mbarrier.arrive.shared::cta.b64 _, [%b], 62;"), "more threads arrive")
	require.ErrorContains(t, run("mbarrier.arrive.shared::cta.b64 _, [%b];"), "there is no mbarrier")
	require.ErrorContains(t, run(start+`
	@%p mbarrier.arrive.expect_tx.shared::cta.b64 _, [%b], 16; // bytes that nobody brings
	@!%p mbarrier.arrive.shared::cta.b64 _, [%b];
	$first: mbarrier.try_wait.parity.shared::cta.b64 %q, [%b], 0; @!%q bra $first;`), "no warp can go on")
}

// What is stored, or added, is in global memory after the wait.
func TestBulkStore(t *testing.T) {
	const body = `
	mov.u32 %x, 8; mov.u32 %y, 1;
	mov.b32 %r0, 0x00070007;
	shl.b32 %r1, %tid, 2; add.s32 %r1, %s, %r1;
	st.shared.u32 [%r1], %r0;
	bar.sync 0;
	@%p cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%map, {%x, %y}], [%s];
	@%p cp.async.bulk.commit_group;
	@%p cp.async.bulk.wait_group 0;
	ld.u64 %t, [%map];          // our own layout: the tensor's address
	@%p ld.global.v2.u32 {%r2, %r3}, [%t+144]; // row 1, columns 8 to 11
	@%p ld.global.v2.u32 {%r4, %r5}, [%t+136]; // and those before
	@%p st.global.v4.u32 [%out], {%r2, %r3, %r4, %r5};`
	for _, immediate := range []bool{false, true} {
		d := NewDevice(1 << 20)
		d.Immediate = immediate
		words, err := hopper(t, d, 32, 3, 16, [3]int{8, 2}, NoSwizzle, body, 32)
		require.NoError(t, err)
		require.Equal(t, []uint32{0x00070007, 0x00070007, 0x00160015, 0x00180017}, words[:4])
	}
	d := NewDevice(1 << 20)
	d.Races = true
	_, err := hopper(t, d, 32, 3, 16, [3]int{8, 2}, NoSwizzle, body, 32)
	require.ErrorContains(t, err, "stored by warp 0, and there is no fence.proxy.async")
	_, err = hopper(t, d, 32, 3, 16, [3]int{8, 2}, NoSwizzle, strings.Replace(body, "bar.sync 0;", "fence.proxy.async.shared::cta;", 1), 32)
	require.ErrorContains(t, err, "lanes have stored in shared memory, and there is no barrier")
	_, err = hopper(t, d, 32, 3, 16, [3]int{8, 2}, NoSwizzle, "@%p cp.async.bulk.wait_group.read 0; st.shared.u32 [%s], %tid;", 32)
	require.ErrorContains(t, err, "the others need a barrier")
	for _, fenced := range []string{"fence.proxy.async.shared::cta; bar.warp.sync -1;", "bar.sync 0; fence.proxy.async.shared::cta;"} {
		_, err = hopper(t, d, 32, 3, 16, [3]int{8, 2}, NoSwizzle, strings.Replace(body, "bar.sync 0;", fenced, 1), 32)
		require.NoError(t, err)
	}
	words, err := hopper(t, NewDevice(1<<20), 32, 3, 16, [3]int{8, 2}, NoSwizzle, strings.Replace(body, "wait_group 0", "wait_group.read 0", 1), 32)
	require.NoError(t, err)
	require.Equal(t, []uint32{0x001a0019, 0x001c001b, 0x00160015, 0x00180017}, words[:4], "what has only been read is not stored yet")
	_, err = hopper(t, NewDevice(1<<20), 32, 3, 16, [3]int{8, 2}, NoSwizzle, strings.Replace(body, "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group", "cp.reduce.async.bulk.tensor.2d.global.shared::cta.add.bulk_group", 1), 4)
	require.ErrorContains(t, err, "float32 for sums")
}

// A fetch needs a barrier that the copy engine sees.
func TestFenceOfBarriers(t *testing.T) {
	body := strings.Replace(replace(fetch, "X", "0", "Y", "0", "BYTES", "512", "WAIT", wait), "@%p fence.mbarrier_init.release.cluster;", "", 1)
	_, err := hopper(t, NewDevice(1<<20), 64, 9, 20, [3]int{16, 16}, NoSwizzle, body, 1)
	require.ErrorContains(t, err, "there is no fence.mbarrier_init")
}

// bar.arrive tells those at bar.sync what its warp knows, and learns nothing.
func TestArriveAndRaces(t *testing.T) {
	const body = `
	shr.u32 %x, %tid, 5;
	setp.eq.u32 %q, %x, 0;
	@!%q bra $second;
	st.shared.u32 [%s], %tid;
	bar.arrive 1, 64;
	SECOND
	exit;
$second:
	bar.sync 1, 64;
	ld.shared.u32 %r0, [%s];
	st.global.u32 [%out], %r0;`
	for _, order := range []Order{FirstFirst, LastFirst, Interleaved} {
		d := NewDevice(1 << 20)
		d.Order, d.Races = order, true
		words, err := hopper(t, d, 64, 1, 8, [3]int{8, 1}, NoSwizzle, replace(body, "SECOND", ""), 64)
		require.NoError(t, err)
		require.EqualValues(t, 31, words[40]) // of lanes that store in one place, the last
		_, err = hopper(t, d, 64, 1, 8, [3]int{8, 1}, NoSwizzle, replace(body, "SECOND", "st.shared.u32 [%s], %tid;"), 64)
		require.ErrorContains(t, err, "a race")
	}
}

// A launch that overlaps the one before it waits before it touches what kernels store.
func TestOverlap(t *testing.T) {
	m, err := Parse(".version 8.0\n.target sm_90a\n.address_size 64\n" + strings.Join([]string{
		kernelOf("waits", "griddepcontrol.launch_dependents; griddepcontrol.wait; ld.global.u32 %r, [%a]; st.global.u32 [%b], %r;"),
		kernelOf("reads", "ld.global.u32 %r, [%a]; griddepcontrol.wait; st.global.u32 [%b], %r;"),
		kernelOf("writes", "st.global.u32 [%b], 1;"),
		// The second warp hears of the first one's wait.
		kernelOf("tells", "mov.u32 %r, %tid.x; setp.ge.u32 %p, %r, 32; @%p bra $s; griddepcontrol.wait; $s: bar.sync 0; st.global.u32 [%b], %r;"),
		kernelOf("tells_not", "mov.u32 %r, %tid.x; setp.ge.u32 %p, %r, 32; @%p bra $s; griddepcontrol.wait; $s: st.global.u32 [%b], %r;"),
		kernelOf("forgets", "ld.global.u32 %r, [%a];"),
		kernelOf("forgets_some", "mov.u32 %r, %ctaid.x; setp.eq.u32 %p, %r, 1; @%p bra $s; griddepcontrol.wait; $s: ret;"),
	}, "\n"))
	require.NoError(t, err)
	d := NewDevice(1 << 12)
	a, err := d.Alloc(4)
	require.NoError(t, err)
	b, err := d.Alloc(4)
	require.NoError(t, err)
	launch := func(name string, from, to uint64) error {
		return d.Launch(m.Kernels[name], Launch{Grid: [3]int{2, 1, 1}, Block: [3]int{64, 1, 1}, Args: []any{from, to}, Overlap: true})
	}
	require.NoError(t, launch("waits", a, b))
	require.NoError(t, launch("reads", a, b), "of what no kernel has stored")
	require.NoError(t, launch("tells", a, b))
	for _, err := range []error{launch("reads", b, a), launch("writes", b, a), launch("tells_not", a, b)} {
		require.ErrorContains(t, err, "there is no griddepcontrol.wait before it")
	}
	require.ErrorContains(t, launch("forgets", a, b), "ends before the launch before is known to")
	require.ErrorContains(t, launch("forgets_some", a, b), "block [1 0 0] ends before the launch before is known to")
}

func kernelOf(name, body string) string {
	return ".visible .entry " + name + "(.param .u64 x, .param .u64 y)\n{\n.reg .pred %p; .reg .b32 %r; .reg .b64 %a, %b;\nld.param.u64 %a, [x]; ld.param.u64 %b, [y];\n" + body + "\n}"
}
