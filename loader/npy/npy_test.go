package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ramp is the same in testdata/make.py.
func ramp() []float32 {
	values := make([]float32, 24)
	for i := range values {
		values[i] = float32(i-7) / 3
	}
	return values
}

var names = []string{"a.png", "日本/写真.jpg", "", "emoji 🐈.gif", "not utf-8: \xff\x80"}

func file(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return text
}

// TestWriteIsNumPy: byte for byte what numpy.save writes, and read back as it was.
func TestWriteIsNumPy(t *testing.T) {
	for name, array := range map[string]struct {
		shape []int
		data  []float32
	}{
		"matrix.npy":  {[]int{4, 6}, ramp()},
		"batch.npy":   {[]int{2, 3, 4}, ramp()},
		"vector.npy":  {[]int{24}, ramp()},
		"scalar.npy":  {nil, []float32{-2.5}},
		"empty.npy":   {[]int{0, 2304}, []float32{}},
		"special.npy": {[]int{4}, []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1)), 1e-45}},
		"rank12.npy":  {[]int{1, 2, 1, 2, 1, 2, 1, 3, 1, 1, 1, 1}, ramp()},
	} {
		want := file(t, name)
		var got bytes.Buffer
		require.NoError(t, Write(&got, array.shape, array.data))
		require.Equal(t, string(want), got.String(), name)
		shape, data, err := Read(bytes.NewReader(want))
		require.NoError(t, err)
		require.Equal(t, array.shape, shape, name)
		require.Equal(t, array.data, data, name)
	}
}

func TestStringsAreNumPys(t *testing.T) {
	for name, texts := range map[string][]string{"names.npy": names, "nameless.npy": {"", ""}} {
		want := file(t, name)
		var got bytes.Buffer
		require.NoError(t, WriteStrings(&got, texts))
		require.Equal(t, string(want), got.String(), name)
		read, err := ReadStrings(bytes.NewReader(want))
		require.NoError(t, err)
		require.Equal(t, texts, read)
	}
}

func TestReadsOtherVersions(t *testing.T) {
	for _, name := range []string{"version2.npy", "version3.npy"} {
		shape, data, err := Read(bytes.NewReader(file(t, name)))
		require.NoError(t, err)
		require.Equal(t, []int{24}, shape)
		require.Equal(t, ramp(), data)
	}
}

// TestReadStops: arrays may follow one another in a stream.
func TestReadStops(t *testing.T) {
	stream := bytes.NewReader(append(file(t, "matrix.npy"), file(t, "vector.npy")...))
	for _, want := range [][]int{{4, 6}, {24}} {
		shape, _, err := Read(stream)
		require.NoError(t, err)
		require.Equal(t, want, shape)
	}
	_, _, err := Read(stream)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestManyValues(t *testing.T) {
	data := make([]float32, 2*chunk+17)
	for i := range data {
		data[i] = float32(i)
	}
	var b bytes.Buffer
	require.NoError(t, Write(&b, []int{1, len(data)}, data))
	_, got, err := Read(&b)
	require.NoError(t, err)
	require.Equal(t, data, got)
}

// TestZip: the members are what NumPy's own archive holds, uncompressed.
func TestZip(t *testing.T) {
	var b bytes.Buffer
	z := NewZip(&b)
	require.NoError(t, z.Float32("summary", []int{4, 6}, ramp()))
	require.NoError(t, z.Strings("paths", names))
	require.NoError(t, z.Close())
	ours, theirs := members(t, b.Bytes()), members(t, file(t, "several.npz"))
	require.Equal(t, theirs, ours)
	require.Len(t, ours, 2)
}

func members(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	all := map[string]string{}
	for _, f := range r.File {
		require.Equal(t, zip.Store, f.Method)
		member, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(member)
		require.NoError(t, err)
		all[f.Name] = string(text)
	}
	return all
}

func TestZipRefuses(t *testing.T) {
	z := NewZip(io.Discard)
	require.NoError(t, z.Strings("a", nil))
	require.ErrorContains(t, z.Strings("a", nil), `found "a" twice`)
	require.ErrorContains(t, z.Float32("", nil, []float32{1}), "empty")
	require.ErrorContains(t, z.Float32("b", []int{2}, []float32{1}), `array "b": npy: want 2 values for shape (2,), found 1`)
}

func TestWriteRefuses(t *testing.T) {
	for want, shape := range map[string][]int{
		"want 6 values for shape (2, 3), found 1": {2, 3},
		"found (-1, -1)":                  {-1, -1},
		"fits in memory":                  {math.MaxInt, 4},
		"at most 64 dimensions, found 65": bytesOf(65, 1),
	} {
		require.ErrorContains(t, Write(io.Discard, shape, []float32{1}), want)
	}
	require.ErrorContains(t, WriteStrings(io.Discard, []string{"a\x00b"}), "without NUL")
	require.ErrorContains(t, WriteStrings(io.Discard, []string{strings.Repeat("a", maxText+1)}), "at most 1048576 characters")
}

func bytesOf(n, value int) []int {
	shape := make([]int, n)
	for i := range shape {
		shape[i] = value
	}
	return shape
}

// TestFullDisk: a writer that fails anywhere is not taken for a written array.
func TestFullDisk(t *testing.T) {
	writes := map[string]func(io.Writer) error{
		"array": func(w io.Writer) error { return Write(w, []int{24}, ramp()) },
		"texts": func(w io.Writer) error { return WriteStrings(w, names) },
		"zip": func(w io.Writer) error {
			z := NewZip(w)
			return errors.Join(z.Float32("a", []int{24}, ramp()), z.Close())
		},
	}
	for name, write := range writes {
		var whole bytes.Buffer
		require.NoError(t, write(&whole))
		for room := range whole.Len() {
			require.ErrorIs(t, write(&fullWriter{room}), errFull, "%s after %d bytes", name, room)
		}
	}
}

var errFull = errors.New("full")

type fullWriter struct{ room int }

func (f *fullWriter) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// raw is an array of version 1 with whatever header and data a test wants.
func raw(dict, data string) string {
	return magic + "\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(dict)))) + dict + data
}

func TestReadRefuses(t *testing.T) {
	dict := func(descr, order, shape string) string {
		return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + "}"
	}
	for name, test := range map[string]struct{ file, want string }{
		"empty":                {"", "ends in the header"},
		"cut magic":            {"\x93NUM", "ends in the header"},
		"cut length":           {magic + "\x01\x00\x10", "ends in the header"},
		"cut header":           {raw("{'descr'", "")[:15], "ends in the header"},
		"another kind of file": {"PK\x03\x04 and so on", "not an .npy file"},
		"a later version":      {magic + "\x04\x00", "version 1, 2 or 3, found 4"},
		"a long header":        {magic + "\x02\x00\xff\xff\xff\xff", "at most 65536 bytes, found 4294967295"},
		"cut data":             {raw(dict("<f4", "False", "(2,)"), "1234567"), "ends in the data"},
		"no data":              {raw(dict("<f4", "False", "(536870911,)"), ""), "ends in the data"},
		"overflow":             {raw(dict("<f4", "False", "(2147483647, 2147483647, 2147483647)"), ""), "fits in memory"},
		"a huge number":        {raw(dict("<f4", "False", "(99999999999999999999,)"), ""), "want a header with"},
		"a negative number":    {raw(dict("<f4", "False", "(-1,)"), ""), "want a header with"},
		"not a tuple":          {raw(dict("<f4", "False", "(1)"), "1234"), "want a header with"},
		"a hole in a tuple":    {raw(dict("<f4", "False", "(1,,2)"), "1234"), "want a header with"},
		"too many dimensions":  {raw(dict("<f4", "False", "("+strings.Repeat("1,", 65)+")"), "1234"), "want a header with"},
		"no dict":              {raw("descr", ""), "want a header with"},
		"not a dict":           {raw("[1, 2]", ""), "want a header with"},
		"rubbish in a dict":    {raw("{'descr': evil()}", ""), "want a header with"},
		"a key twice":          {raw("{'descr': '<f4', 'descr': '<f4'}", ""), "want a header with"},
		"a key missing":        {raw("{'descr': '<f4', 'fortran_order': False}", ""), "want a header with"},
		"a key too many":       {raw("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': ''}", "1234"), "want a header with"},
		"order is a text":      {raw(dict("<f4", "'True'", "()"), "1234"), "want a header with"},
		"shape is a text":      {raw(dict("<f4", "False", "'()'"), "1234"), "want a header with"},
		"columns":              {string(file(t, "columns.npy")), "ascontiguousarray"},
		"float64":              {string(file(t, "float64.npy")), `found "<f8"; save a.astype('<f4')`},
		"big-endian":           {string(file(t, "bigendian.npy")), `found ">f4"`},
		"texts":                {string(file(t, "names.npy")), `found "<U`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(strings.NewReader(test.file))
			require.ErrorContains(t, err, test.want)
			require.True(t, strings.HasPrefix(err.Error(), "npy: "))
			require.Less(t, len(err.Error()), 1000)
		})
	}
}

func TestReadStringsRefuses(t *testing.T) {
	dict := func(descr, shape string) string {
		return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}"
	}
	for name, test := range map[string]struct{ file, want string }{
		"empty":            {"", "ends in the header"},
		"numbers":          {string(file(t, "vector.npy")), `found "<f4"`},
		"big-endian":       {raw(dict(">U1", "(1,)"), ""), `found ">U1"`},
		"no width":         {raw(dict("<U", "(1,)"), ""), `found "<U"`},
		"width 0":          {raw(dict("<U0", "(2147483647,)"), ""), `found "<U0"`},
		"negative width":   {raw(dict("<U-1", "(1,)"), ""), `found "<U-1"`},
		"too wide":         {raw(dict("<U1048577", "(1,)"), ""), `found "<U1048577"`},
		"a matrix":         {raw(dict("<U1", "(1, 1)"), "a\x00\x00\x00"), "of shape (1, 1)"},
		"too many":         {raw(dict("<U1", fmt.Sprintf("(%d,)", math.MaxInt)), ""), "fits in memory"},
		"cut":              {raw(dict("<U1", "(2,)"), "a\x00\x00\x00b"), "ends in the data"},
		"beyond Unicode":   {raw(dict("<U1", "(1,)"), "\x00\x00\x11\x00"), "0x110000"},
		"half a character": {raw(dict("<U1", "(1,)"), "\x00\xd8\x00\x00"), "0xd800"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadStrings(strings.NewReader(test.file))
			require.ErrorContains(t, err, test.want)
		})
	}
}

// FuzzRead: any bytes are an error or an array that survives being written and read again.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"matrix.npy", "scalar.npy", "empty.npy", "version2.npy", "columns.npy", "names.npy"} {
		f.Add(file(f, name))
	}
	f.Add([]byte(raw(`{"shape":(1,),'descr':"<f4",'fortran_order':False,}`, "1234")))
	f.Fuzz(func(t *testing.T, text []byte) {
		shape, data, err := Read(bytes.NewReader(text))
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "npy: "))
			return
		}
		var b bytes.Buffer
		require.NoError(t, Write(&b, shape, data))
		require.True(t, bytes.Contains(text, b.Bytes()[b.Len()-4*len(data):]))
		again, values, err := Read(&b)
		require.NoError(t, err)
		require.Equal(t, shape, again)
		require.Len(t, values, len(data))
	})
}

// FuzzReadStrings: any bytes are an error or texts that survive being written and read again.
func FuzzReadStrings(f *testing.F) {
	for _, name := range []string{"names.npy", "nameless.npy", "vector.npy"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		texts, err := ReadStrings(bytes.NewReader(text))
		if err != nil || strings.Contains(strings.Join(texts, ""), "\x00") {
			return // a NUL within a text is NumPy's to read, not ours to write
		}
		var b bytes.Buffer
		require.NoError(t, WriteStrings(&b, texts))
		again, err := ReadStrings(&b)
		require.NoError(t, err)
		require.Equal(t, texts, again)
	})
}
