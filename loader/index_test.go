package loader

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestShards: the sharded checkpoint is the single-file one.
func TestShards(t *testing.T) {
	whole, err := OpenFolder(checkpoints + "hub")
	require.NoError(t, err)
	defer whole.Close()
	sharded, err := OpenFolder(checkpoints + "hub-sharded")
	require.NoError(t, err)
	defer sharded.Close()
	require.Equal(t, whole.Names(), sharded.Names())
	require.True(t, slices.IsSorted(sharded.Names()))
	files := map[string]bool{}
	for _, name := range whole.Names() {
		info, ok := sharded.Lookup(name)
		require.True(t, ok)
		files[filepath.Base(info.File)] = true
		if info.DType == I64 {
			want, err := whole.Int64(name, info.Shape...)
			require.NoError(t, err)
			got, err := sharded.Int64(name, info.Shape...)
			require.NoError(t, err)
			require.Equal(t, want, got)
			continue
		}
		want, err := whole.Float32(name, info.Shape...)
		require.NoError(t, err)
		got, err := sharded.Float32(name, info.Shape...)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Len(t, files, 3)
}

// shardFolder is a folder of an index and one-byte tensors: shard -> names.
func shardFolder(t *testing.T, index string, shards map[string][]string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, indexName), []byte(index), 0o600))
	for shard, names := range shards {
		var tensors []Tensor
		for _, name := range names {
			tensors = append(tensors, Tensor{name, U8, []int{1}, ByteData([]byte{7})})
		}
		require.NoError(t, Write(filepath.Join(dir, shard), tensors, nil))
	}
	return dir
}

func TestBadShards(t *testing.T) {
	for name, test := range map[string]struct {
		index  string
		shards map[string][]string
		want   []string
	}{
		"shards missing": {
			`{"weight_map":{"x":"a.safetensors","y":"b.safetensors","z":"c.safetensors"}}`,
			map[string][]string{"a.safetensors": {"x"}},
			[]string{"want 3 shards", `1; missing: "b.safetensors", "c.safetensors"`, "download the missing files"},
		},
		"a tensor absent": {
			`{"weight_map":{"x":"a.safetensors","y":"a.safetensors","w":"a.safetensors"}}`,
			map[string][]string{"a.safetensors": {"x"}},
			[]string{`2 not there: "w", "y"`},
		},
		"a tensor in another shard": {
			`{"weight_map":{"x":"a.safetensors","y":"b.safetensors","z":"b.safetensors"}}`,
			map[string][]string{"a.safetensors": {"x", "y"}, "b.safetensors": {"z"}},
			[]string{`1 not there: "y"`},
		},
		"a tensor unlisted": {
			`{"weight_map":{"x":"a.safetensors"}}`,
			map[string][]string{"a.safetensors": {"x", "y"}},
			[]string{`1 unlisted: "y"`},
		},
		"a tensor in two shards": {
			`{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}`,
			map[string][]string{"a.safetensors": {"x"}, "b.safetensors": {"x", "y"}},
			[]string{`tensor "x"`, `it in "a.safetensors" and "b.safetensors"`},
		},
		"a shard that is a folder": {
			`{"weight_map":{"x":"a.safetensors"}}`, map[string][]string{"a.safetensors/b": {}},
			[]string{"found a folder"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := test.shards["a.safetensors/b"]; ok {
				dir := shardFolder(t, test.index, nil)
				require.NoError(t, os.Mkdir(filepath.Join(dir, "a.safetensors"), 0o700))
				_, err := OpenFolder(dir)
				requireError(t, err, test.want...)
				return
			}
			_, err := OpenFolder(shardFolder(t, test.index, test.shards))
			requireError(t, err, append(test.want, indexName)...)
		})
	}
}

func TestBadShardInside(t *testing.T) {
	dir := shardFolder(t, `{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}`, map[string][]string{"a.safetensors": {"x"}})
	path := filepath.Join(dir, "b.safetensors")
	require.NoError(t, os.WriteFile(path, []byte("\x80\x01"), 0o600))
	_, err := OpenFolder(dir)
	requireError(t, err, path, "2 bytes", "download it again")
}

func TestBadIndex(t *testing.T) {
	for name, test := range map[string]struct {
		index string
		want  []string
	}{
		"empty":               {``, []string{"want an index of safetensors files (JSON)", "an empty file"}},
		"not an object":       {`[]`, []string{"an object"}},
		"no weight_map":       {`{"metadata":{}}`, []string{"weight_map"}},
		"empty weight_map":    {`{"weight_map":{}}`, []string{"weight_map"}},
		"weight_map twice":    {`{"weight_map":{},"weight_map":{}}`, []string{"twice"}},
		"tensor twice":        {`{"weight_map":{"x":"a.safetensors","x":"b.safetensors"}}`, []string{`"x" twice`}},
		"key without quotes":  {`{"weight_map":{1:"a.safetensors"}}`, []string{"want JSON", "at byte 15"}},
		"shard is a number":   {`{"weight_map":{"x":1}}`, []string{`tensor "x"`, "in quotes"}},
		"cut short":           {`{"weight_map":{"x":"a.safetensors"`, []string{"want JSON"}},
		"a git-lfs pointer":   {"version https://git-lfs.github.com/spec/v1\n", []string{"git-lfs pointer", "git lfs pull"}},
		"a web page":          {"<html>", []string{"a web page"}},
		"a byte-order mark":   {"\xef\xbb\xbf{}", []string{"byte-order mark"}},
		"text after":          {`{"weight_map":{"x":"a.safetensors"}} 1`, []string{"nothing after"}},
		"broken notes":        {`{"metadata":{"a":},"weight_map":{"x":"a.safetensors"}}`, []string{"want JSON"}},
		"empty tensor name":   {`{"weight_map":{"":"a.safetensors"}}`, []string{"want a name"}},
		"parent folder":       {`{"weight_map":{"x":"../a.safetensors"}}`, []string{`"../a.safetensors"`, "in this folder"}},
		"sub-folder":          {`{"weight_map":{"x":"sub/a.safetensors"}}`, []string{"in this folder"}},
		"absolute":            {`{"weight_map":{"x":"/etc/a.safetensors"}}`, []string{"in this folder"}},
		"Windows parent":      {`{"weight_map":{"x":"..\\a.safetensors"}}`, []string{"in this folder"}},
		"Windows drive":       {`{"weight_map":{"x":"C:a.safetensors"}}`, []string{"in this folder"}},
		"the folder itself":   {`{"weight_map":{"x":"."}}`, []string{"in this folder"}},
		"another kind":        {`{"weight_map":{"x":"a.txt"}}`, []string{".safetensors file"}},
		"a hidden file":       {`{"weight_map":{"x":"._a.bin"}}`, []string{".safetensors file"}},
		"empty shard name":    {`{"weight_map":{"x":""}}`, []string{"empty"}},
		"NUL in a shard name": {`{"weight_map":{"x":"a\u0000.safetensors"}}`, []string{"control"}},
		"long shard name":     {`{"weight_map":{"x":"` + strings.Repeat("a", 5000) + `.safetensors"}}`, []string{"at most 1024"}},
		"not UTF-8":           {"{\"weight_map\":{\"\xfe\":\"a.safetensors\"}}", []string{"UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := OpenFolder(shardFolder(t, test.index, nil))
			requireError(t, err, append(test.want, indexName)...)
		})
	}
}

func TestReadBounded(t *testing.T) {
	path := save(t, "x.json", []byte("12345"))
	text, err := ReadBounded(path, 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(text))
	_, err = ReadBounded(path, 4)
	requireError(t, err, path, "at most 4 bytes")
}

// TestIndexNotes: fields beside weight_map may hold anything, total_size may be wrong.
func TestIndexNotes(t *testing.T) {
	c, err := OpenFolder(shardFolder(t, `{"metadata":{"total_size":1e9,"deep":[{"a":[1,null]}]},"weight_map":{"x":"a.safetensors"},"more":true}`,
		map[string][]string{"a.safetensors": {"x"}}))
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, c.Names())
	require.NoError(t, c.Close())
}

// FuzzIndex: any text gives an error or a map of sound names to plain file names.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":12},"weight_map":{"x":"model-00001-of-00002.safetensors","y":"b.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"x":"../a.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"x":["a.safetensors"]}}`))
	f.Add([]byte(`{"a":[[[[[[1,{"b":null}]]]]]],"weight_map":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		weights, err := parseIndex("fuzz", text)
		if err != nil {
			requireError(t, err, "fuzz")
			return
		}
		require.NotEmpty(t, weights)
		for name, shard := range weights {
			require.NoError(t, checkName(name))
			require.Equal(t, shard, filepath.Base(shard))
			require.NoError(t, checkShardName(shard))
		}
	})
}
