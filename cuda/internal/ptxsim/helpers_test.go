package ptxsim

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// header declares registers for the kernels of the tests.
const header = `
.version 8.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 in, .param .u64 out)
{
	.reg .pred %p, %q, %c;
	.reg .b16 %h, %g, %i;
	.reg .b32 %a, %b, %x, %y, %d, %e, %r<32>;
	.reg .f32 %f, %u, %v;
	.reg .b64 %ad, %bd, %xd, %dd, %in, %out, %t;
	ld.param.u64 %in, [in];
	ld.param.u64 %out, [out];
	mov.u32 %r0, %tid.x;
	mul.wide.u32 %t, %r0, 16;
	add.s64 %in, %in, %t;
	add.s64 %out, %out, %t;
`

// bench is a kernel of a test: each thread has 16 bytes of input at [%in] and of output at [%out].
type bench struct {
	threads int
	shared  int
	device  Device
}

// run runs a body, and returns four words for each thread.
func (b *bench) run(t testing.TB, body string, in []uint32) ([][4]uint32, error) {
	t.Helper()
	m, err := Parse(header + body + "\n}")
	if err != nil {
		return nil, err
	}
	d := &b.device
	d.limit, d.next, d.constants, d.idle = 1<<22, globalBase+allocationAlign, map[*Module]map[string]uint64{}, map[shape][]*block{}
	n := max(b.threads, 1)
	from, err := d.Alloc(16 * n)
	require.NoError(t, err)
	to, err := d.Alloc(16 * n)
	require.NoError(t, err)
	data, err := d.Bytes(from, 16*n)
	require.NoError(t, err)
	for i, v := range in {
		binary.LittleEndian.PutUint32(data[4*i:], v)
	}
	l := Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{n, 1, 1}, Shared: b.shared, Args: []any{from, to}}
	if err := d.Launch(m.Kernels["k"], l); err != nil {
		return nil, err
	}
	data, err = d.Bytes(to, 16*n)
	require.NoError(t, err)
	out := make([][4]uint32, n)
	for i := range out {
		for j := range 4 {
			out[i][j] = binary.LittleEndian.Uint32(data[16*i+4*j:])
		}
	}
	return out, nil
}

// words runs an instruction on %a, %b and %x of one thread, and returns %d.
func words(t testing.TB, instruction string, in ...uint32) uint32 {
	t.Helper()
	out, err := new(bench).run(t, "ld.global.v4.u32 {%a, %b, %x, %y}, [%in];\n"+instruction+"\nst.global.u32 [%out], %d;", in)
	require.NoError(t, err, instruction)
	return out[0][0]
}

// doubles runs an instruction on %ad and %bd of one thread, and returns %dd.
func doubles(t testing.TB, instruction string, a, b uint64) uint64 {
	t.Helper()
	out, err := new(bench).run(t, "ld.global.v2.u64 {%ad, %bd}, [%in];\n"+instruction+"\nst.global.u64 [%out], %dd;",
		[]uint32{uint32(a), uint32(a >> 32), uint32(b), uint32(b >> 32)})
	require.NoError(t, err, instruction)
	return uint64(out[0][0]) | uint64(out[0][1])<<32
}

// fails runs a body, which must fail with a message.
func fails(t testing.TB, b *bench, body, message string) {
	t.Helper()
	_, err := b.run(t, body, nil)
	require.ErrorContains(t, err, message, body)
}

func hex(v uint32) string     { return fmt.Sprintf("%#08x", v) }
func single(x float32) uint32 { return math.Float32bits(x) }

// replace puts texts in the place of names.
func replace(text string, old ...string) string { return strings.NewReplacer(old...).Replace(text) }
