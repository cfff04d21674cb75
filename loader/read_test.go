package loader

import (
	"encoding/binary"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestFloat32IsAView(t *testing.T) {
	f := open(t, checkpoints+"hub/model.safetensors")
	const name = "radio_model.model.blocks.0.norm1.weight"
	values, err := f.Float32(name, 64)
	require.NoError(t, err)
	raw, err := f.Bytes(name)
	require.NoError(t, err)
	require.Len(t, raw, 256)
	require.Same(t, &raw[0], (*byte)(unsafe.Pointer(&values[0])), "aligned float32 must not be copied")
	require.Equal(t, 64, cap(values), "appending must not reach the next tensor")
	require.Equal(t, math.Float32frombits(binary.LittleEndian.Uint32(raw[4:])), values[1])
}

func TestMisalignedFloat32IsCopied(t *testing.T) {
	data := string(float32Bytes(1.5, -2.25, 1e-40))
	for pad := range 4 {
		header := `{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}` + strings.Repeat(" ", pad)
		f := open(t, save(t, "odd.safetensors", rawFile(header, data)))
		values, err := f.Float32("w", 3)
		require.NoError(t, err)
		require.Equal(t, []float32{1.5, -2.25, 1e-40}, values)
		raw, err := f.Bytes("w")
		require.NoError(t, err)
		aligned := (8+len(header))%4 == 0
		require.Equal(t, aligned, &raw[0] == (*byte)(unsafe.Pointer(&values[0])))
	}
}

func float32Bytes(values ...float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// TestHalves widens every half and every bfloat16 there is, as IEEE 754 defines them.
func TestHalves(t *testing.T) {
	raw := make([]byte, 2<<16)
	for i := range 1 << 16 {
		binary.LittleEndian.PutUint16(raw[2*i:], uint16(i))
	}
	f := open(t, save(t, "halves.safetensors", encode(t, []Tensor{
		{"f16", F16, []int{1 << 16}, ByteData(raw)},
		{"bf16", BF16, []int{1 << 16}, ByteData(raw)},
	}, nil)))
	f16, err := f.Float32("f16", 1<<16)
	require.NoError(t, err)
	bf16, err := f.Float32("bf16", 1<<16)
	require.NoError(t, err)
	for i := range 1 << 16 {
		if bits := math.Float32bits(bf16[i]); bits != uint32(i)<<16 {
			t.Fatalf("bfloat16 %#04x became %#08x", i, bits)
		}
		if got, want := math.Float32bits(f16[i]), halfBits(uint16(i)); got != want {
			t.Fatalf("half %#04x became %#08x, want %#08x", i, got, want)
		}
	}
}

// halfBits is the definition, by cases: 1 sign bit, 5 of exponent with bias 15, 10 of fraction.
func halfBits(h uint16) uint32 {
	sign, exponent, fraction := uint32(h>>15)<<31, int(h>>10&31), uint32(h&1023)
	switch exponent {
	case 31: // infinity, or NaN with its payload
		return sign | 0x7F800000 | fraction<<13
	case 0:
		return sign | math.Float32bits(float32(math.Ldexp(float64(fraction), -24)))
	default:
		return sign | math.Float32bits(float32(math.Ldexp(float64(1024+fraction), exponent-25)))
	}
}

// TestHalfCheckpoints: the float16 and bfloat16 checkpoints are the float32 one, rounded to nearest.
func TestHalfCheckpoints(t *testing.T) {
	for folder, half := range map[string]float64{"hub-float16": 0x1p-11, "hub-bfloat16": 0x1p-8} {
		exact, err := OpenFolder(checkpoints + "hub")
		require.NoError(t, err)
		defer exact.Close()
		narrow, err := OpenFolder(checkpoints + folder)
		require.NoError(t, err)
		defer narrow.Close()
		require.Equal(t, exact.Names(), narrow.Names())
		differ := 0
		for _, name := range exact.Names() {
			info, _ := exact.Lookup(name)
			if info.DType != F32 {
				continue
			}
			want, err := exact.Float32(name, info.Shape...)
			require.NoError(t, err)
			got, err := narrow.Float32(name, info.Shape...)
			require.NoError(t, err)
			for i := range want {
				bound := max(math.Abs(float64(want[i]))*half, 0x1p-25) // half the spacing; of subnormal halves, 2^-25
				if d := math.Abs(float64(got[i]) - float64(want[i])); d > bound {
					t.Fatalf("%s %s[%d] is %g, want %g", folder, name, i, got[i], want[i])
				} else if d > 0 {
					differ++
				}
			}
		}
		require.Greater(t, differ, 100_000, "the folder does hold rounded numbers")
	}
}

func TestConversions(t *testing.T) {
	i64 := func(values ...int64) (b []byte) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	f64 := func(values ...float64) (b []byte) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	f := open(t, save(t, "kinds.safetensors", encode(t, []Tensor{
		{"f64", F64, []int{4}, ByteData(f64(0.1, -1e-50, math.Inf(1), math.MaxFloat32))},
		{"f64 nan", F64, nil, ByteData(f64(math.NaN()))},
		{"f64 wide", F64, []int{2}, ByteData(f64(1, -3.5e38))},
		{"i64", I64, []int{2}, ByteData(i64(-1, math.MaxInt64))},
		{"i32", I32, []int{2}, ByteData([]byte{0xFE, 0xFF, 0xFF, 0xFF, 1, 2, 0, 0})},
		{"i16", I16, []int{2}, ByteData([]byte{0xFE, 0xFF, 1, 2})},
		{"i8", I8, []int{2}, ByteData([]byte{0xFE, 1})},
		{"u8", U8, []int{2}, ByteData([]byte{0xFE, 1})},
		{"u64", U64, []int{2}, ByteData(i64(1, math.MaxInt64))},
		{"u64 wide", U64, []int{1}, ByteData(i64(-1))},
		{"u32", U32, []int{2}, ByteData([]byte{0xFE, 0xFF, 0xFF, 0xFF, 1, 2, 0, 0})},
		{"u16", U16, []int{2}, ByteData([]byte{0xFE, 0xFF, 1, 2})},
		{"bool", Bool, []int{2}, ByteData([]byte{1, 0})},
		{"none", F16, []int{2, 0}, ByteData(nil)},
	}, nil)))

	floats, err := f.Float32("f64", 4)
	require.NoError(t, err)
	require.Equal(t, []float32{0.1, float32(math.Copysign(0, -1)), float32(math.Inf(1)), math.MaxFloat32}, floats)
	floats, err = f.Float32("f64 nan")
	require.NoError(t, err)
	require.True(t, floats[0] != floats[0])
	floats, err = f.Float32("none", 2, 0)
	require.NoError(t, err)
	require.NotNil(t, floats)
	require.Empty(t, floats)
	_, err = f.Float32("f64 wide", 2)
	requireError(t, err, `tensor "f64 wide"`, "float32's range")

	for name, want := range map[string][]int64{
		"i64": {-1, math.MaxInt64}, "i32": {-2, 513}, "i16": {-2, 513}, "i8": {-2, 1}, "u8": {254, 1},
		"u64": {1, math.MaxInt64}, "u32": {1<<32 - 2, 513}, "u16": {65534, 513}, "bool": {1, 0},
	} {
		got, err := f.Int64(name, 2)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
	bytes, err := f.Uint8("u8", 2)
	require.NoError(t, err)
	require.Equal(t, []uint8{254, 1}, bytes)
	bytes[0] = 0 // a copy: the mapping would fault

	_, err = f.Float32("i64", 2)
	requireError(t, err, "want dtype F32 or F16 or BF16 or F64, found I64")
	_, err = f.Int64("u64 wide", 1)
	requireError(t, err, `tensor "u64 wide"`, "2^63-1")
	_, err = f.Int64("f64", 4)
	requireError(t, err, "found F64")
	_, err = f.Uint8("i8", 2)
	requireError(t, err, "want dtype U8, found I8")
}

func TestWrongShape(t *testing.T) {
	f := open(t, checkpoints+"hub/model.safetensors")
	const name = "radio_model.model.blocks.0.attn.qkv.weight"
	for want, shape := range map[string][]int{"(64, 192)": {64, 192}, "(12288,)": {12288}, "()": nil, "(1, 192, 64)": {1, 192, 64}} {
		_, err := f.Float32(name, shape...)
		requireError(t, err, f.String(), name, "want shape "+want, "found (192, 64)")
	}
}

func TestMissing(t *testing.T) {
	for _, folder := range []string{"hub", "hub-sharded"} {
		c, err := OpenFolder(checkpoints + folder)
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Float32("nobody", 1)
		requireError(t, err, folder, `tensor "nobody"`)
		require.ErrorIs(t, err, ErrMissing)
		_, err = c.Int64("nobody", 1)
		require.ErrorIs(t, err, ErrMissing)
		_, ok := c.Lookup("nobody")
		require.False(t, ok)
	}
	f := open(t, checkpoints+"hub/model.safetensors")
	_, err := f.Uint8("nobody", 1)
	requireError(t, err, f.String(), `tensor "nobody"`)
	require.ErrorIs(t, err, ErrMissing)
}

func TestLookupIsACopy(t *testing.T) {
	f := open(t, checkpoints+"hub/model.safetensors")
	const name = "radio_model.model.blocks.0.norm1.weight"
	info, ok := f.Lookup(name)
	require.True(t, ok)
	require.Equal(t, Info{name, F32, []int{64}, f.String()}, info)
	info.Shape[0] = 0
	f.Names()[0] = ""
	f.Metadata()["format"] = ""
	_, err := f.Float32(name, 64)
	require.NoError(t, err)
	require.NotEmpty(t, f.Names()[0])
	require.Equal(t, map[string]string{"format": "pt"}, f.Metadata())
}

func TestClosed(t *testing.T) {
	f, err := OpenFile(checkpoints + "hub/model.safetensors")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, f.Close(), "closing twice does nothing")
	_, err = f.Float32("radio_model.model.blocks.0.norm1.weight", 64)
	requireError(t, err, "closed")
	require.ErrorIs(t, err, os.ErrClosed)
}

// TestConcurrentUse is for the race detector: readers that convert while the file is being closed get numbers or an error.
func TestConcurrentUse(t *testing.T) {
	f, err := OpenFile(checkpoints + "hub-float16/model.safetensors")
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if _, err := f.Float32("radio_model.model.blocks.0.attn.qkv.weight", 192, 64); err != nil && !strings.Contains(err.Error(), "closed") {
					t.Error(err)
				}
			}
		})
	}
	require.NoError(t, f.Close())
	wg.Wait()
}
