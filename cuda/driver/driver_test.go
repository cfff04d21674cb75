//go:build nvidia && cudasim && linux && cgo

package driver_test

import (
	"bytes"
	"errors"
	"testing"

	"cradio/cuda"
	"cradio/cuda/driver"
	"cradio/cuda/internal/libcudasim"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

// The suites that run through the driver are those of package cuda, with the same tags.

const double = `.version 8.0
.target sm_60
.address_size 64
.visible .entry double(.param .u64 at, .param .f32 by, .param .s32 n)
{
	.reg .pred %p<2>;
	.reg .f32 %f<4>;
	.reg .b32 %r<3>;
	.reg .b64 %rd<4>;
	ld.param.u64 %rd1, [at];
	ld.param.f32 %f1, [by];
	ld.param.s32 %r1, [n];
	mov.u32 %r2, %tid.x;
	setp.ge.s32 %p1, %r2, %r1;
	@%p1 ret;
	mul.wide.s32 %rd2, %r2, 4;
	add.s64 %rd3, %rd1, %rd2;
	ld.global.f32 %f2, [%rd3];
	mul.f32 %f3, %f2, %f1;
	st.global.f32 [%rd3], %f3;
	ret;
}`

func TestDriver(t *testing.T) {
	d, err := driver.Open(0)
	require.NoError(t, err)
	require.Equal(t, cuda.Description{Name: "emulator", Architecture: 80, Multiprocessors: 4}, d.Describe())
	free, err := d.Memory()
	require.NoError(t, err)

	p, err := d.Alloc(8)
	require.NoError(t, err)
	less, err := d.Memory()
	require.NoError(t, err)
	require.Less(t, less, free)
	_, err = d.Alloc(1 << 40)
	var memory *graph.MemoryError
	require.ErrorAs(t, err, &memory)
	require.EqualError(t, d.Free(p+1), "0x7f0000000101 was not allocated here")

	_, err = d.Load("not PTX")
	require.Error(t, err)
	m, err := d.Load(double)
	require.NoError(t, err)
	_, err = m.Function("triple")
	require.ErrorContains(t, err, "kernel triple: ")
	f, err := m.Function("double")
	require.NoError(t, err)

	require.NoError(t, d.Upload(p, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40})) // 1 and 2
	l := cuda.Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{32, 1, 1}, Shared: 64 << 10, Args: []any{p, float32(2), int32(2)}}
	require.NoError(t, d.Launch(f, l), "which asks for as much shared memory")
	got := make([]byte, 8)
	require.NoError(t, d.Download(got, p))
	require.Equal(t, []byte{0, 0, 0, 0x40, 0, 0, 0x80, 0x40}, got) // 2 and 4
	l.Args = []any{p, 2, int32(2)}
	require.EqualError(t, d.Launch(f, l), "kernel double: argument 1 is a int, want a Pointer, TensorMap, int32, int64, float32 or float64")
	empty := cuda.TensorMap{Base: p, Dims: [3]int{8, 0}, Strides: [2]int{16}, Box: [3]int{8, 1}}
	require.EqualError(t, d.Launch(f, cuda.Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{1, 1, 1}, Args: []any{empty}}),
		"kernel double: argument 0: a tensor of [8 0] elements in boxes of [8 1], strides [16]: cuTensorMapEncodeTiled: error 1")

	l.Args = []any{p, float32(0.5), int32(2)}
	r, err := d.Record(func() error { return d.Launch(f, l) })
	require.NoError(t, err)
	require.NoError(t, d.Replay(r))
	require.NoError(t, d.Replay(r))
	require.NoError(t, d.Download(got, p))
	require.Equal(t, []byte{0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f}, got) // 1/2 and 1
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	require.ErrorContains(t, d.Replay(r), "closed, or of another driver")
	_, err = d.Record(func() error { return errors.New("no") })
	require.EqualError(t, err, "no")
	_, err = d.Record(func() error { return d.Download(got, p) })
	require.Error(t, err, "which waits")
	require.Zero(t, libcudasim.Unfreed().Graphs)

	_, err = d.Record(func() error { return d.Launch(f, l) })
	require.NoError(t, err, "which Close closes")

	// A second driver shares the context. Each gives back what it has, and Close can be called twice.
	other, err := driver.Open(0)
	require.NoError(t, err)
	require.Equal(t, 2, libcudasim.Unfreed().Contexts)
	require.NoError(t, d.Close())
	require.NoError(t, d.Close())
	require.Equal(t, libcudasim.Left{Contexts: 1, Streams: 3, Events: 1}, libcudasim.Unfreed())
	require.NoError(t, other.Close())
	require.Zero(t, libcudasim.Unfreed())
}

// Copies of any size go through pinned memory in parts, which the GPU reads and writes later.
func TestCopies(t *testing.T) {
	d, err := driver.Open(0)
	require.NoError(t, err)
	const n = 17<<20 + 3
	p, err := d.Alloc(n)
	require.NoError(t, err)
	for _, size := range []int{0, 1, 4 << 20, 4<<20 + 1, 8 << 20, n} {
		to := make([]byte, size)
		from := make([]byte, size)
		for i := range from {
			from[i] = byte(i * 31 >> 3)
		}
		want := bytes.Clone(from)
		require.NoError(t, d.Upload(p, from))
		clear(from)
		require.NoError(t, d.Download(to, p))
		require.True(t, bytes.Equal(want, to), size)
	}
	require.NoError(t, d.Close())
	require.Zero(t, libcudasim.Unfreed())
}

func TestOpen(t *testing.T) {
	require.True(t, driver.Built())
	for _, index := range []int{-1, 1} {
		_, err := driver.Open(index)
		require.ErrorContains(t, err, "the only one is cuda:0")
	}
	d, err := graph.Open("cuda:0", graph.DeviceOptions{Precision: graph.BFloat16, Frozen: true})
	require.NoError(t, err)
	require.Equal(t, "cuda", d.Name())
	require.NoError(t, d.Close())
	t.Setenv(libcudasim.GPUs, "2")
	all, err := graph.Open("cuda:all", graph.DeviceOptions{Precision: graph.BFloat16, Frozen: true})
	require.NoError(t, err)
	require.Equal(t, "2 × emulator, compute capability 8.0, 4 multiprocessors", all.String())
	require.Equal(t, 2, libcudasim.Unfreed().Contexts)
	require.NoError(t, all.Close())
	_, err = graph.Open("cuda:all", graph.DeviceOptions{Precision: graph.Int8})
	require.ErrorContains(t, err, "GPU 0: device cuda computes in float32, tf32 and bfloat16, not in int8")
	t.Setenv(libcudasim.GPUs, "1")
	_, err = graph.Open("cuda:1", graph.DeviceOptions{})
	require.EqualError(t, err, "there is no GPU 1: the only one is cuda:0; check CUDA_VISIBLE_DEVICES")
	_, err = graph.Open("cuda:x", graph.DeviceOptions{})
	require.EqualError(t, err, `device is "cuda:x", want a number after the colon, or all, such as cuda:0`)
	_, err = graph.Open("cuda", graph.DeviceOptions{Precision: graph.Int8})
	require.ErrorContains(t, err, "not in int8")
	require.Zero(t, libcudasim.Unfreed())
}
