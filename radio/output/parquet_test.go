package output

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"cradio/radio"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// readRows returns the columns of a file by name. Null is nil.
func readRows(t *testing.T, path string) (rows []map[string][]parquet.Value, file *parquet.File) {
	t.Helper()
	text, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { text.Close() })
	info, err := text.Stat()
	require.NoError(t, err)
	file, err = parquet.OpenFile(text, info.Size())
	require.NoError(t, err)
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		for range group.NumRows() {
			row := make([]parquet.Row, 1)
			_, err := reader.ReadRows(row)
			if !errors.Is(err, os.ErrClosed) && len(row[0]) == 0 {
				require.NoError(t, err)
			}
			values := map[string][]parquet.Value{}
			row[0].Range(func(column int, list []parquet.Value) bool {
				name := file.Schema().Columns()[column][0]
				values[name] = nil
				for _, v := range list {
					if !v.IsNull() {
						values[name] = append(values[name], v.Clone())
					}
				}
				return true
			})
			rows = append(rows, values)
		}
		require.NoError(t, reader.Close())
	}
	return rows, file
}

func float32sOf(values []parquet.Value) []float32 {
	var list []float32
	for _, v := range values {
		list = append(list, v.Float())
	}
	return list
}

func TestParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	w, err := Create(path, about, nil)
	require.NoError(t, err)
	require.NoError(t, w.Fail(radio.Result{Name: "first\xff", Err: errors.New("it is a text")}))
	require.NoError(t, w.Add(result("a", 10, 2, 3)))
	require.NoError(t, w.Fail(radio.Result{Name: "b", Original: [2]int{5, 6}, Err: errors.New("not finite")}))
	require.NoError(t, w.Add(result("c", 50, 1, 1)))
	arrays, err := w.Commit(context.Background())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	onlyFiles(t, filepath.Dir(path), "x.parquet")
	require.Equal(t, Array{"summary", []int{2, 4}}, arrays[0])
	require.Equal(t, Array{"features", []int{2}}, arrays[1], "of several sizes")

	rows, file := readRows(t, path)
	var columns []string
	for _, c := range file.Schema().Columns() {
		columns = append(columns, c[0])
	}
	require.Equal(t, []string{
		"path", "height", "width", "input_height", "input_width", "rows", "cols", "summary", "features", "adaptor.clip.summary",
		"adaptor.clip.features", "intermediate.7.features", "intermediate.7.prefix", "error", "path_base64",
	}, columns)
	require.Len(t, rows, 4)
	a := rows[1]
	require.Equal(t, "a", string(a["path"][0].ByteArray()))
	for name, want := range map[string]int32{"height": 100, "width": 200, "input_height": 32, "input_width": 48, "rows": 2, "cols": 3} {
		require.Equal(t, want, a[name][0].Int32(), name)
	}
	require.Equal(t, []float32{10, 11, 12, 13}, float32sOf(a["summary"]))
	require.Equal(t, []float32{110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121}, float32sOf(a["features"]))
	require.Nil(t, a["error"])
	require.Nil(t, a["path_base64"])
	require.Equal(t, []float32{150, 151}, float32sOf(rows[3]["features"]))
	require.Equal(t, []float32{250, 251, 252}, float32sOf(rows[3]["adaptor.clip.summary"]))

	require.Equal(t, "first\ufffd", string(rows[0]["path"][0].ByteArray()))
	require.Equal(t, "Zmlyc3T/", string(rows[0]["path_base64"][0].ByteArray()))
	require.Equal(t, "it is a text", string(rows[0]["error"][0].ByteArray()))
	for _, name := range columns[1:13] {
		require.Nil(t, rows[0][name], name)
	}
	require.Equal(t, int32(6), rows[2]["width"][0].Int32())
	require.Nil(t, rows[2]["input_height"])
	for key, want := range map[string]string{
		"model": "synthetic:nano", "identity": "1234", "settings": "size=32", "dtype": "float32", "layout": "nlc", "note": SyntheticNote,
		"synthetic": "true", "cradio": "v1.2.3",
		"widths": `{"adaptor.clip.features":3,"adaptor.clip.summary":3,"features":2,"intermediate.7.features":2,"intermediate.7.prefix":2,"summary":4}`,
	} {
		got, ok := file.Lookup(key)
		require.True(t, ok, key)
		require.Equal(t, want, got)
	}
}

// TestParquetTypes: float16 has its logical type. bfloat16 is an error.
func TestParquetTypes(t *testing.T) {
	wide := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1.0 / 3, 1, -2}))
	r := summary("a", wide)
	path := filepath.Join(t.TempDir(), "x.parquet")
	write(t, path, About{Model: "m", DType: Float16}, r)
	rows, file := readRows(t, path)
	require.Equal(t, []byte{0x55, 0x35}, rows[0]["summary"][0].ByteArray())
	require.Equal(t, []byte{0, 0xc0}, rows[0]["summary"][2].ByteArray())
	found := false
	for _, e := range file.Metadata().Schema {
		if e.Name == "element" {
			found = true
			require.Equal(t, "FLOAT16", e.LogicalType.Value.String())
		}
	}
	require.True(t, found)

	write(t, path, About{Model: "m", DType: Float64}, r)
	rows, _ = readRows(t, path)
	require.Equal(t, 1.0/3, rows[0]["summary"][0].Double())
	_, err := Create(path, About{Model: "m", DType: BFloat16}, nil)
	require.ErrorContains(t, err, "only .safetensors can store bfloat16")
}

// TestParquetMemory: memory is limited to a row group, for any number of rows.
func TestParquetMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	w, err := Create(path, about, nil)
	require.NoError(t, err)
	defer w.Close()
	const group, row = 2 << 20, 1 << 17
	w.(*rows).most = group
	r := result("a", 0, 1, 1)
	r.Adaptors, r.Intermediates = nil, nil
	r.Features = ramp(0, 64, row/64/4)
	for i := range r.Features.Float32s() {
		r.Features.Float32s()[i] = math.Float32frombits(uint32(i)*2654435761>>2 | 1<<29)
	}
	var held [4]uint64
	for i := range held {
		for range 3 * group / row {
			require.NoError(t, w.Add(r))
		}
		runtime.GC()
		runtime.GC() // what a sync.Pool holds survives the first one
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		held[i] = m.HeapAlloc
	}
	require.Less(t, held[3], held[0]+group, "%v, where %d bytes were written", held, 12*group)
	_, err = w.Commit(context.Background())
	require.NoError(t, err)
	_, file := readGroups(t, path)
	require.GreaterOrEqual(t, len(file.RowGroups()), 11)
}

// readGroups opens a file without reading its rows.
func readGroups(t *testing.T, path string) (*os.File, *parquet.File) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	require.NoError(t, err)
	file, err := parquet.OpenFile(f, info.Size())
	require.NoError(t, err)
	return f, file
}
