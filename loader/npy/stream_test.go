package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWriteFromIsWrite: streamed or from memory, the file is the same.
func TestWriteFromIsWrite(t *testing.T) {
	var raw, want, got bytes.Buffer
	require.NoError(t, binary.Write(&raw, binary.LittleEndian, ramp()))
	require.NoError(t, Write(&want, []int{4, 6}, ramp()))
	require.NoError(t, WriteFrom(&got, Float32, []int{4, 6}, &raw))
	require.Equal(t, want.String(), got.String())
}

func TestWriteFromRefuses(t *testing.T) {
	require.ErrorContains(t, WriteFrom(io.Discard, Float32, []int{2}, strings.NewReader("1234567")), "want 8 bytes for shape (2,), found 7")
	require.ErrorContains(t, WriteFrom(io.Discard, Float32, []int{-1}, nil), "fits in memory")
	require.ErrorContains(t, WriteFrom(io.Discard, Float("<f3"), []int{1}, nil), `"<f3"; convert the array`)
	broken := errors.New("broken")
	require.ErrorIs(t, WriteFrom(io.Discard, Float32, []int{2}, io.MultiReader(strings.NewReader("1234"), failing{broken})), broken)
}

// TestOtherFloats: byte for byte what numpy.save writes.
func TestOtherFloats(t *testing.T) {
	for name, of := range map[string]Float{"float16.npy": Float16, "float64.npy": Float64} {
		want := file(t, name)
		size, err := of.size()
		require.NoError(t, err)
		var got bytes.Buffer
		require.NoError(t, WriteFrom(&got, of, []int{24}, bytes.NewReader(want[len(want)-24*size:])))
		require.Equal(t, string(want), got.String())
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestInt64(t *testing.T) {
	var b bytes.Buffer
	z := NewZip(&b)
	require.NoError(t, z.Int64("sizes", []int{1, 2}, []int64{-1, 1 << 40}))
	require.NoError(t, z.From("x", Float32, []int{1}, strings.NewReader("\x00\x00\x80\x3f")))
	require.NoError(t, z.Close())
	files := members(t, b.Bytes())
	require.Contains(t, files["sizes.npy"], "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }")
	require.True(t, strings.HasSuffix(files["sizes.npy"], "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x01\x00\x00"))
	_, x, err := Read(strings.NewReader(files["x.npy"]))
	require.NoError(t, err)
	require.Equal(t, []float32{1}, x)
	require.ErrorContains(t, WriteInt64(io.Discard, []int{3}, []int64{1}), "want 3 values for shape (3,), found 1")
}
