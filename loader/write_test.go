package loader

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.safetensors")
	metadata := map[string]string{"config": `{"a": "<b> & c"}`, "é": "日本"}
	require.NoError(t, Write(path, []Tensor{
		{"z", F32, []int{2, 2}, Float32Data([]float32{1, -2.5, float32(math.Inf(-1)), 1e-45})},
		{"é <&>", I64, []int{1, 3}, Int64Data([]int64{-1, 0, math.MaxInt64})},
		{"scalar", F32, nil, Float32Data([]float32{42})},
		{"none", F32, []int{0, 7}, Float32Data(nil)},
		{"bytes", U8, []int{3}, ByteData([]byte("abc"))},
	}, metadata))
	f := open(t, path)
	require.Equal(t, []string{"bytes", "none", "scalar", "z", "é <&>"}, f.Names())
	require.Equal(t, metadata, f.Metadata())
	z, err := f.Float32("z", 2, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{1, -2.5, float32(math.Inf(-1)), 1e-45}, z)
	n, err := f.Int64("é <&>", 1, 3)
	require.NoError(t, err)
	require.Equal(t, []int64{-1, 0, math.MaxInt64}, n)
	scalar, err := f.Float32("scalar")
	require.NoError(t, err)
	require.Equal(t, []float32{42}, scalar)
	text, err := f.Uint8("bytes", 3)
	require.NoError(t, err)
	require.Equal(t, "abc", string(text))
	requireNoLeftovers(t, filepath.Dir(path), "out.safetensors")
}

// TestWriteIsTheReference: byte for byte the file that reference.py writes of the same tensors.
func TestWriteIsTheReference(t *testing.T) {
	for _, folder := range []string{"hub", "vlm-prefix"} {
		f := open(t, checkpoints+folder+"/model.safetensors")
		want, err := os.ReadFile(f.String())
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, encode(t, copyOf(t, f), f.Metadata())), folder)
	}
}

// copyOf lists the tensors of f in a shuffled order.
func copyOf(t *testing.T, f *File) (tensors []Tensor) {
	t.Helper()
	names := f.Names()
	for i := range names {
		info, _ := f.Lookup(names[i*5%len(names)])
		raw, err := f.Bytes(info.Name)
		require.NoError(t, err)
		tensors = append(tensors, Tensor{info.Name, info.DType, info.Shape, ByteData(raw)})
	}
	return tensors
}

// TestWriteAligns: whatever comes before them, tensors can be read in place.
func TestWriteAligns(t *testing.T) {
	file := encode(t, []Tensor{
		{"a", U8, []int{3}, ByteData([]byte("abc"))},
		{"b", F32, []int{1}, Float32Data([]float32{1})},
		{"c", I64, nil, Int64Data([]int64{7})},
		{"d", F16, []int{1}, ByteData([]byte{0, 0x3C})},
		{"e", F32, []int{1}, Float32Data([]float32{2})},
	}, nil)
	h, err := parseHeader("aligned", file)
	require.NoError(t, err)
	place := ""
	for at := int64(0); int(at) < len(file)-int(h.data); {
		for _, name := range h.names {
			if e := h.entries[name]; e.begin == at {
				require.Zero(t, (h.data+at)%int64(e.DType.Size()), name)
				place += name
				at = e.end
			}
		}
	}
	require.Equal(t, "cbeda", place)
}

func TestWriteRefuses(t *testing.T) {
	f32 := func(name string, shape ...int) Tensor {
		return Tensor{name, F32, shape, Float32Data(make([]float32, 2))}
	}
	for name, test := range map[string]struct {
		tensors  []Tensor
		metadata map[string]string
		want     []string
	}{
		"a name twice":    {[]Tensor{f32("x", 2), f32("y", 2), f32("x", 2)}, nil, []string{`tensor "x"`, "same name twice"}},
		"the metadata":    {[]Tensor{f32("__metadata__", 2)}, nil, []string{"reserves"}},
		"no name":         {[]Tensor{f32("", 2)}, nil, []string{"want a name"}},
		"a control":       {[]Tensor{f32("a\nb", 2)}, nil, []string{"control"}},
		"unknown dtype":   {[]Tensor{{"x", "F8", []int{1}, ByteData([]byte{1})}}, nil, []string{`"F8"`}},
		"negative shape":  {[]Tensor{f32("x", -2)}, nil, []string{"(-2,)"}},
		"too large":       {[]Tensor{f32("x", math.MaxInt)}, nil, []string{"fits in memory"}},
		"too large a sum": {[]Tensor{f32("x", math.MaxInt/8), f32("y", math.MaxInt/8), f32("z", math.MaxInt/8)}, nil, []string{"2^63"}},
		"too many dims":   {[]Tensor{f32("x", make([]int, maxRank+1)...)}, nil, []string{"at most 64 dimensions"}},
		"too few data":    {[]Tensor{f32("x", 3)}, nil, []string{`tensor "x"`, "want 12 bytes for shape (3,) of F32, found 8"}},
		"too many data":   {[]Tensor{f32("x", 1)}, nil, []string{`tensor "x"`, "want 4 more bytes, found 8"}},
		"metadata":        {nil, map[string]string{"a": "\xff"}, []string{`metadata "a"`, "UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out.safetensors")
			err := Write(path, test.tensors, test.metadata)
			require.Error(t, err)
			require.True(t, strings.HasPrefix(err.Error(), path+": "), err)
			require.Equal(t, 1, strings.Count(err.Error(), path), err)
			for _, want := range test.want {
				require.Contains(t, err.Error(), want)
			}
			requireNoLeftovers(t, filepath.Dir(path))
		})
	}
}

func TestWriteTooManyTensors(t *testing.T) {
	tensors := make([]Tensor, maxTensors+1)
	for i := range tensors {
		tensors[i] = Tensor{strconv.Itoa(i), U8, []int{0}, ByteData(nil)}
	}
	_, err := newLayout(tensors, nil, 8, place)
	require.ErrorContains(t, err, "and 262144 tensors")
}

// TestWriteNotices: a writer that fails after any number of bytes is not taken for a written file.
func TestWriteNotices(t *testing.T) {
	tensors := []Tensor{{"a", U8, []int{3}, ByteData([]byte("abc"))}, {"b", F32, []int{1}, Float32Data([]float32{1})}}
	l, err := newLayout(tensors, nil, 8, place)
	require.NoError(t, err)
	for room := range len(encode(t, tensors, nil)) {
		require.ErrorIs(t, l.write(&fullWriter{room}), errDiskFull, "after %d bytes", room)
	}
}

// fullWriter is a disk with room for so many bytes.
type fullWriter struct{ room int }

func (f *fullWriter) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	if n < len(p) {
		return n, errDiskFull
	}
	return n, nil
}

// TestWriteStreams: a tensor's data may come in pieces, and tensors are asked for in the file's order.
func TestWriteStreams(t *testing.T) {
	var asked []string
	stream := func(name string) Tensor {
		return Tensor{name, F32, []int{1000}, func(w io.Writer) error {
			asked = append(asked, name)
			for i := range 1000 {
				if err := binary.Write(w, binary.LittleEndian, float32(i)); err != nil {
					return err
				}
			}
			return nil
		}}
	}
	path := filepath.Join(t.TempDir(), "out.safetensors")
	require.NoError(t, Write(path, []Tensor{stream("b"), stream("a")}, nil))
	require.Equal(t, []string{"a", "b"}, asked)
	values, err := open(t, path).Float32("b", 1000)
	require.NoError(t, err)
	require.Equal(t, float32(999), values[999])
}
