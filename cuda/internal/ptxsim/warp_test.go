package ptxsim

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// column is one of the words of all threads.
func column(out [][4]uint32, i int) (list []uint32) {
	for _, w := range out {
		list = append(list, w[i])
	}
	return list
}

// warpOf runs a body on one warp, each lane with its index in %a, and returns %d of each.
func warpOf(t testing.TB, body string) []uint32 {
	t.Helper()
	out, err := (&bench{threads: 32}).run(t, "mov.u32 %a, %laneid;\n"+body+"\nst.global.u32 [%out], %d;", nil)
	require.NoError(t, err, body)
	return column(out, 0)
}

// Section 9.7.9.6: shfl.sync, by its pseudocode. c is ((32 - width) << 8) | clamp.
func TestShuffle(t *testing.T) {
	for _, c := range []struct {
		name string
		from func(lane int) int
	}{
		{"shfl.sync.bfly.b32 %d, %a, 1, 31, -1;", func(i int) int { return i ^ 1 }},
		{"shfl.sync.bfly.b32 %d, %a, 16, 31, -1;", func(i int) int { return i ^ 16 }},
		{"shfl.sync.up.b32 %d, %a, 3, 0, -1;", func(i int) int {
			if i < 3 {
				return i
			}
			return i - 3
		}},
		{"shfl.sync.down.b32 %d, %a, 3, 31, -1;", func(i int) int {
			if i > 28 {
				return i
			}
			return i + 3
		}},
		{"shfl.sync.idx.b32 %d, %a, 5, 31, -1;", func(int) int { return 5 }},
		// Segments of 8 lanes: c = 24 << 8 | 7.
		{"shfl.sync.idx.b32 %d, %a, 5, 6151, -1;", func(i int) int { return i&^7 | 5 }},
		{"shfl.sync.down.b32 %d, %a, 2, 6151, -1;", func(i int) int {
			if i%8 > 5 {
				return i
			}
			return i + 2
		}},
		{"shfl.sync.up.b32 %d, %a, 2, 6144, -1;", func(i int) int { // for up, c = 24 << 8
			if i%8 < 2 {
				return i
			}
			return i - 2
		}},
	} {
		for i, got := range warpOf(t, c.name) {
			require.Equal(t, c.from(i), int(got), "%s lane %d", c.name, i)
		}
	}
	inside := warpOf(t, "shfl.sync.down.b32 %b|%p, %a, 3, 31, -1; selp.b32 %d, 1, 0, %p;")
	for i, got := range inside {
		require.Equal(t, i <= 28, got == 1, "lane %d", i)
	}
	fails(t, &bench{threads: 32}, `setp.lt.u32 %p, %r0, 4;
		@%p shfl.sync.bfly.b32 %d, %a, 1, 31, -1;`, "lanes fffffff0 are members, and are not here")
	fails(t, &bench{threads: 32}, `setp.lt.u32 %p, %r0, 4;
		@%p shfl.sync.bfly.b32 %d, %a, 4, 31, 15;`, "lane 0 reads from lane 4, which is not here")
}

func TestVote(t *testing.T) {
	for body, want := range map[string]uint32{
		"setp.lt.u32 %p, %a, 5; vote.sync.ballot.b32 %d, %p, -1;":                       31,
		"setp.lt.u32 %p, %a, 5; vote.sync.ballot.b32 %d, !%p, -1;":                      ^uint32(31),
		"setp.lt.u32 %p, %a, 5; vote.sync.any.pred %q, %p, -1; selp.b32 %d, 1, 0, %q;":  1,
		"setp.lt.u32 %p, %a, 5; vote.sync.all.pred %q, %p, -1; selp.b32 %d, 1, 0, %q;":  0,
		"setp.lt.u32 %p, %a, 5; vote.sync.uni.pred %q, %p, -1; selp.b32 %d, 1, 0, %q;":  0,
		"setp.lt.u32 %p, %a, 50; vote.sync.all.pred %q, %p, -1; selp.b32 %d, 1, 0, %q;": 1,
		"elect.sync %b|%p, -1; selp.b32 %d, 1, 0, %p; vote.sync.ballot.b32 %d, %p, -1;": 1,
		"setp.lt.u32 %p, %a, 50; activemask.b32 %d;":                                    all,
	} {
		for i, got := range warpOf(t, body) {
			require.Equal(t, hex(want), hex(got), "%s lane %d", body, i)
		}
	}
}

// Lanes that take different ways meet again.
func TestDivergence(t *testing.T) {
	got := warpOf(t, `
	mov.u32 %d, 0;
	setp.lt.u32 %p, %a, 10;
	@%p bra $less;
	add.s32 %d, %d, 100;
	bra.uni $joined;
$less:
	add.s32 %d, %d, 200;
$joined:
	activemask.b32 %b;
	mov.u32 %e, %a;
$loop: // as often as the index of the lane
	setp.eq.u32 %q, %e, 0;
	@%q bra $done;
	add.s32 %d, %d, 1;
	sub.s32 %e, %e, 1;
	bra $loop;
$done:
	shfl.sync.idx.b32 %x, %a, 7, 31, -1; // wants all lanes
	add.s32 %d, %d, %x;
	setp.ne.u32 %q, %b, -1;
	@%q trap;`)
	for i, v := range got {
		want := 100 + i + 7
		if i < 10 {
			want += 100
		}
		require.Equal(t, want, int(v), "lane %d", i)
	}
	out, err := (&bench{threads: 32}).run(t, `mov.u32 %d, 1; st.global.u32 [%out], %d;
	setp.lt.u32 %p, %r0, 4; @%p exit; mov.u32 %d, 2; st.global.u32 [%out], %d;`, nil)
	require.NoError(t, err)
	for i, v := range column(out, 0) {
		require.Equal(t, i >= 4, v == 2, "lane %d", i)
	}
}

// exchange lets each thread of four warps read what the next one, of another warp, has written.
const exchange = `
	.shared .align 4 .b8 s[512];
	shl.b32 %b, %r0, 2;
	mov.u32 %x, s;
	add.s32 %b, %b, %x;
	st.shared.u32 [%b], %r0;
	BARRIER
	add.s32 %d, %r0, 32;
	and.b32 %d, %d, 127;
	shl.b32 %b, %d, 2;
	add.s32 %b, %b, %x;
	ld.shared.u32 %d, [%b];
	st.global.u32 [%out], %d;`

func TestBarriers(t *testing.T) {
	for _, order := range []Order{FirstFirst, LastFirst, Interleaved} {
		for _, races := range []bool{false, true} {
			b := &bench{threads: 128, device: Device{Order: order, Races: races}}
			out, err := b.run(t, strings.Replace(exchange, "BARRIER", "bar.sync 0;", 1), nil)
			require.NoError(t, err)
			for i, v := range column(out, 0) {
				require.Equal(t, (i+32)%128, int(v), "order %d", order)
			}
		}
		fails(t, &bench{threads: 128, device: Device{Order: order, Races: true}}, strings.Replace(exchange, "BARRIER", "", 1), "a race")
	}
	fails(t, &bench{threads: 64}, "setp.lt.u32 %p, %r0, 40; @%p bar.sync 0;", "lanes 000000ff are at the barrier, of ffffffff")
	fails(t, &bench{threads: 64}, "setp.lt.u32 %p, %r0, 32; @%p bar.sync 1, 64;", "no warp can go on")
	_, err := (&bench{threads: 64}).run(t, "setp.lt.u32 %p, %r0, 32; @%p exit; bar.sync 0;", nil)
	require.NoError(t, err, "warps that have ended need not come")
	_, err = (&bench{threads: 64}).run(t, "setp.lt.u32 %p, %r0, 32; @%p bar.sync 1, 32; bar.sync 0;", nil)
	require.NoError(t, err, "a barrier of one warp")
	_, err = (&bench{threads: 64}).run(t, "setp.lt.u32 %p, %r0, 32; @%p bra $first; bar.arrive 1, 64; exit; $first: bar.sync 1, 64;", nil)
	require.NoError(t, err, "one warp waits, the other one does not")
}

func TestSpecialRegisters(t *testing.T) {
	m, err := Parse(`.version 8.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 out)
.maxntid 24, 1, 1
{
	.reg .b32 %r<9>;
	.reg .b64 %d<4>;
	ld.param.u64 %d0, [out];
	mov.u32 %r0, %ctaid.x; mov.u32 %r1, %ctaid.y; mov.u32 %r2, %ctaid.z;
	mov.u32 %r3, %nctaid.x; mov.u32 %r4, %nctaid.y;
	mad.lo.s32 %r5, %r2, %r4, %r1;
	mad.lo.s32 %r5, %r5, %r3, %r0; // the block
	mov.u32 %r0, %tid.x; mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z;
	mov.u32 %r3, %ntid.x; mov.u32 %r4, %ntid.y; mov.u32 %r6, %ntid.z;
	mul.lo.s32 %r7, %r3, %r4;
	mul.lo.s32 %r7, %r7, %r6;
	mad.lo.s32 %r2, %r2, %r4, %r1;
	mad.lo.s32 %r2, %r2, %r3, %r0; // the thread
	mad.lo.s32 %r5, %r5, %r7, %r2;
	mul.wide.s32 %d1, %r5, 4;
	add.s64 %d0, %d0, %d1;
	st.global.u32 [%d0], %r5;
}`)
	require.NoError(t, err)
	d := NewDevice(1 << 20)
	out, err := d.Alloc(4 * 12 * 24)
	require.NoError(t, err)
	k := m.Kernels["k"]
	l := Launch{Grid: [3]int{3, 2, 2}, Block: [3]int{4, 3, 2}, Args: []any{out}}
	require.NoError(t, d.Launch(k, l))
	b, err := d.Bytes(out, 4*12*24)
	require.NoError(t, err)
	for i := range 12 * 24 {
		require.Equal(t, uint64(i), get(b[4*i:], 4))
	}
	l.Block[0] = 5
	require.ErrorContains(t, d.Launch(k, l), "30 threads in a block, want at most 24")
	l.Block[0], l.Args = 4, []any{int32(1)}
	require.ErrorContains(t, d.Launch(k, l), "argument 0 is a int32 of 4 bytes, want 8")
}
