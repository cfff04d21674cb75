package ptxsim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAccesses(t *testing.T) {
	const local = ".shared .align 4 .b8 s[32]; .local .align 4 .b8 l[8]; mov.u32 %x, s; mov.u32 %y, l;\n"
	for body, message := range map[string]string{
		"add.s64 %t, %in, 8; ld.global.v4.u32 {%a, %b, %x, %y}, [%t+-8]; ld.global.v2.u64 {%ad, %bd}, [%t+8];": "is in no allocation",
		"ld.global.u32 %d, [%in+12]; ld.global.v4.u32 {%a, %b, %x, %y}, [%in+4];":                              "is not aligned to 16 bytes",
		"ld.global.u32 %d, [%in+2];":                          "is not aligned to 4 bytes",
		"st.global.u32 [%in+-4], %d;":                         "is in no allocation",
		"mov.u64 %t, 4096; ld.global.u32 %d, [%t];":           "0x1000 is in no allocation",
		"mov.u64 %t, 4096; ld.u32 %d, [%t];":                  "is in no state space",
		local + "ld.shared.u32 %d, [%x+1024];":                "beyond shared memory",
		local + "ld.shared.u32 %d, [%x+-4];":                  "beyond shared memory",
		local + "st.local.u32 [%y+8], %d;":                    "beyond local memory",
		"ld.param.u64 %t, [out+8];":                           "beyond the parameters",
		"trap;":                                               "trap",
		"ld.u32 %d, [%in+4096];":                              "is in no allocation",
		"cvta.to.shared.u64 %t, %in; ld.shared.u32 %d, [%t];": "beyond shared memory",
	} {
		fails(t, &bench{}, body, message)
	}
	out, err := (&bench{threads: 2, shared: 16}).run(t, local+`
	.reg .b64 %own;
	st.local.u32 [%y+4], %r0;           // each lane has local memory of its own
	mov.u64 %t, l; cvta.local.u64 %t, %t; ld.u32 %a, [%t+4];
	ld.local.u32 %b, [%y];              // and it starts as NaN
	mov.u64 %t, s; cvta.shared.u64 %t, %t;
	mul.wide.u32 %own, %r0, 4; add.s64 %t, %t, %own;
	st.u32 [%t], %r0; ld.shared.s8 %d, [%x]; ld.shared.u32 %e, [%x+8];
	st.global.v4.u32 [%out], {%a, %b, %d, %e};`, nil)
	require.NoError(t, err)
	require.Equal(t, [][4]uint32{{0, all, 0, all}, {1, all, 0, all}}, out)
}

func TestAtomics(t *testing.T) {
	out, err := (&bench{threads: 64, device: Device{Races: true}}).run(t, `
	.shared .align 4 .b8 s[8];
	mov.u32 %x, s;
	setp.eq.u32 %p, %r0, 0;
	mov.f32 %f, 0f3F800000;
	@%p st.shared.u32 [%x], 0;
	@%p st.shared.u32 [%x+4], 0;
	bar.sync 0;
	atom.shared.add.u32 %d, [%x], 2;
	red.shared.add.f32 [%x+4], %f;
	bar.sync 0;
	ld.shared.v2.u32 {%a, %b}, [%x];
	st.global.v4.u32 [%out], {%a, %b, %d, %d};`, nil)
	require.NoError(t, err)
	seen := map[uint32]bool{}
	for _, w := range out {
		require.Equal(t, [2]uint32{128, single(64)}, [2]uint32{w[0], w[1]})
		seen[w[2]] = true
	}
	require.Len(t, seen, 64)
	got, err := (&bench{}).run(t, `mov.u32 %a, 5; st.global.u32 [%out], %a; atom.global.cas.b32 %d, [%out], 5, 9;
	atom.global.cas.b32 %d, [%out], 5, 11; atom.global.max.s32 %e, [%out], -1; st.global.v2.u32 [%out+8], {%d, %e};`, nil)
	require.NoError(t, err)
	require.Equal(t, uint32(9), got[0][0])
	require.Equal(t, [2]uint32{9, 9}, [2]uint32{got[0][2], got[0][3]})
}

// copyBody copies 16 bytes of global memory, of which have are read, and looks at them before
// and after the wait.
const copyBody = `
	.shared .align 16 .b8 s[1024];
	mov.u32 %x, s;
	shl.b32 %b, %r0, 4;
	add.s32 %x, %x, %b;
	mov.u32 %y, 6;
	cp.async.cg.shared.global [%x], [%in], 16, %y;
	cp.async.commit_group;
	ld.shared.u32 %a, [%x];
	cp.async.wait_group 0;
	ld.shared.v2.u32 {%b, %d}, [%x];
	st.global.v4.u32 [%out], {%a, %b, %d, %d};`

// Section 9.7.9.25.3: copies may arrive at any time before the wait; what is not read is zero.
func TestAsynchronousCopies(t *testing.T) {
	in := []uint32{0x11111111, 0x22222222, 3, 4}
	out, err := (&bench{}).run(t, copyBody, in)
	require.NoError(t, err)
	require.Equal(t, [4]uint32{all, 0x11111111, 0x2222, 0x2222}, out[0])
	out, err = (&bench{device: Device{Immediate: true}}).run(t, copyBody, in)
	require.NoError(t, err)
	require.Equal(t, [4]uint32{0x11111111, 0x11111111, 0x2222, 0x2222}, out[0])

	const groups = `
	.shared .align 16 .b8 s[64];
	mov.u32 %x, s;
	cp.async.ca.shared.global [%x], [%in], 4;
	cp.async.commit_group;
	cp.async.ca.shared.global [%x+4], [%in+4], 4;
	cp.async.commit_group;
	cp.async.ca.shared.global [%x+8], [%in+8], 4;
	cp.async.wait_group 1;
	ld.shared.v2.u32 {%a, %b}, [%x];
	cp.async.wait_all;
	ld.shared.u32 %d, [%x+4]; ld.shared.u32 %e, [%x+8];
	st.global.v4.u32 [%out], {%a, %b, %d, %e};`
	out, err = (&bench{}).run(t, groups, in)
	require.NoError(t, err)
	require.Equal(t, [4]uint32{0x11111111, all, 0x22222222, 3}, out[0])
	fails(t, &bench{}, "mov.u32 %y, 17; .shared .align 16 .b8 s[64]; mov.u32 %x, s; cp.async.cg.shared.global [%x], [%in], 16, %y;", "17 bytes of 16")
	fails(t, &bench{}, ".shared .align 16 .b8 s[64]; mov.u32 %x, s; cp.async.cg.shared.global [%x+8], [%in], 16;", "is not aligned to 16")
}

// A copy is a write of its warp from the instruction to the wait.
func TestRacesOfCopies(t *testing.T) {
	const body = `
	.shared .align 16 .b8 s[1024];
	mov.u32 %x, s;
	shl.b32 %b, %r0, 4;
	add.s32 %y, %x, %b;
	cp.async.cg.shared.global [%y], [%in], 16;
	cp.async.commit_group;
	BEFORE
	bar.sync 0;
	AFTER
	xor.b32 %b, %b, 512; // of the other warp
	add.s32 %y, %x, %b;
	ld.shared.u32 %a, [%y];
	cp.async.wait_all;`
	b := &bench{threads: 64, device: Device{Races: true}}
	_, err := b.run(t, replace(body, "BEFORE", "cp.async.wait_group 0;", "AFTER", ""), nil)
	require.NoError(t, err)
	for _, order := range []Order{FirstFirst, LastFirst, Interleaved} {
		b.device = Device{Races: true, Order: order}
		fails(t, b, replace(body, "BEFORE", "", "AFTER", ""), "a race")
	}
}

func TestAllocations(t *testing.T) {
	d := NewDevice(1000)
	a, err := d.Alloc(600)
	require.NoError(t, err)
	_, err = d.Alloc(600)
	require.EqualError(t, err, "out of device memory: 600 bytes wanted, 400 of 1000 are free")
	_, err = d.Bytes(a, 601)
	require.ErrorContains(t, err, "beyond its allocation")
	_, err = d.Bytes(a-1, 1)
	require.ErrorContains(t, err, "is in no allocation")
	b, err := d.Bytes(a+1, 3)
	require.NoError(t, err)
	require.Equal(t, []byte{255, 255, 255}, b)
	require.Equal(t, 1, d.Allocations())
	free, total := d.Memory()
	require.Equal(t, [2]int{400, 1000}, [2]int{free, total})
	require.ErrorContains(t, d.Free(a+1), "is not an allocation")
	require.NoError(t, d.Free(a))
	require.Error(t, d.Free(a))
	require.Zero(t, d.Allocations())
	again, err := d.Alloc(1000)
	require.NoError(t, err)
	require.NotEqual(t, a, again, "addresses are not used twice")
	_, err = d.Alloc(0)
	require.ErrorContains(t, err, "want at least 1")
}

// Wavefronts: 32 lanes that read words 8 bytes apart meet in 16 banks; sectors: every other word.
func TestTraffic(t *testing.T) {
	b := &bench{threads: 32, device: Device{Count: true}}
	const body = `
	.shared .align 16 .b8 s[1024];
	mov.u32 %x, s;
	shl.b32 %b, %r0, SHIFT;
	add.s32 %x, %x, %b;
	st.shared.u32 [%x], %r0;`
	_, err := b.run(t, replace(body, "SHIFT", "2"), nil)
	require.NoError(t, err)
	require.Equal(t, Traffic{Wavefronts: 1, IdealWavefronts: 1}, b.device.TakeTraffic())
	_, err = b.run(t, replace(body, "SHIFT", "3"), nil)
	require.NoError(t, err)
	require.Equal(t, Traffic{Wavefronts: 2, IdealWavefronts: 1}, b.device.TakeTraffic())
	_, err = b.run(t, "ld.global.u32 %a, [%in];", nil) // a word of each 16 bytes
	require.NoError(t, err)
	require.Equal(t, Traffic{Sectors: 16, IdealSectors: 4}, b.device.TakeTraffic())
	_, err = b.run(t, "st.global.v4.u32 [%out], {%r0, %r0, %r0, %r0};", nil)
	require.NoError(t, err)
	require.Equal(t, Traffic{Sectors: 16, IdealSectors: 16}, b.device.TakeTraffic())
}
