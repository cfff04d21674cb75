package loader

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBadFiles(t *testing.T) {
	one := func(entry string) string { return `{"w":{` + entry + `}}` }
	for name, test := range map[string]struct {
		file []byte
		want []string
	}{
		"empty":                     {nil, []string{"want a safetensors file", "an empty file", "fetch it again"}},
		"shorter than a length":     {[]byte("\x80\x01\x00\x00"), []string{"want a length of 8 bytes", "4 bytes", "download it again"}},
		"length past the end":       {append(binary.LittleEndian.AppendUint64(nil, 500), "{}"...), []string{"500 bytes", "2 bytes to the end"}},
		"length over the bound":     {append(binary.LittleEndian.AppendUint64(nil, 1<<62), "{}"...), []string{"at most 100000000", "4611686018427387904"}},
		"length just over":          {append(binary.LittleEndian.AppendUint64(nil, maxHeader+1), "{}"...), []string{"at most 100000000"}},
		"no header":                 {rawFile("", ""), []string{"nothing but zeros", "interrupted"}},
		"another format":            {rawFile("PK\x03\x04rest", ""), []string{"begins with {", `"PK\x03\x04rest"`}},
		"only spaces":               {rawFile("   ", ""), []string{"begins with {"}},
		"a git-lfs pointer":         {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 391234567\n"), []string{"want a safetensors file, found a git-lfs pointer", "git lfs pull"}},
		"a web page":                {[]byte("<!DOCTYPE html><html>"), []string{"a web page (HTML)", "log in"}},
		"an answer":                 {[]byte("Entry not found"), []string{`text that begins with "Entry not found"`}},
		"a PyTorch checkpoint":      {[]byte("PK\x03\x04" + strings.Repeat("\x00", 22) + "\x08\x00\x00\x00a/data.pkl"), []string{"a zip archive"}},
		"not JSON":                  {rawFile("{]", ""), []string{"want JSON", "at byte"}},
		"header cut short":          {rawFile(`{"w":{"dtype":"F32"`, ""), []string{"want JSON", "EOF"}},
		"key without quotes":        {rawFile("{1:2}", ""), []string{"want JSON", "at byte 1"}},
		"rubbish after the header":  {rawFile("{} x", ""), []string{"want JSON"}},
		"text after the header":     {rawFile(`{}{}`, ""), []string{"nothing after"}},
		"not UTF-8":                 {rawFile("{\"\xff\":1}", ""), []string{"UTF-8"}},
		"header is not an object":   {rawFile(`{"w":[1]}`, ""), []string{`tensor "w"`, "an object", "found ["}},
		"tensor twice":              {rawFile(`{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0077":{}}`, ""), []string{`"w" twice`}},
		"field twice":               {rawFile(one(`"dtype":"U8","dtype":"F32"`), ""), []string{`"dtype" twice`, `tensor "w"`}},
		"half a byte":               {rawFile(one(`"dtype":"F4","shape":[3],"data_offsets":[0,1]`), "x"), []string{"whole bytes", "12 bits for shape (3,) of F4"}},
		"six bits, too few":         {rawFile(one(`"dtype":"F6_E2M3","shape":[8],"data_offsets":[0,5]`), "12345"), []string{"6 bytes for shape (8,) of F6_E2M3"}},
		"unknown dtype, cut":        {rawFile(one(`"dtype":"F3","shape":[2],"data_offsets":[0,2]`), "x"), []string{"up to byte 2", "1 bytes of data"}},
		"unknown dtype, hole":       {rawFile(one(`"dtype":"F3","shape":[2],"data_offsets":[1,2]`), "xx"), []string{"a gap"}},
		"unknown dtype, backwards":  {rawFile(one(`"dtype":"F3","shape":[2],"data_offsets":[1,0]`), "x"), []string{"[1, 0]"}},
		"unknown dtype, overflow":   {rawFile(one(`"dtype":"F3","shape":[4294967296,4294967296],"data_offsets":[0,1]`), "x"), []string{"fits in memory"}},
		"no dtype":                  {rawFile(one(`"shape":[1],"data_offsets":[0,1]`), "x"), []string{"fewer"}},
		"no shape":                  {rawFile(one(`"dtype":"U8","data_offsets":[0,1]`), "x"), []string{"fewer"}},
		"no offsets":                {rawFile(one(`"dtype":"U8","shape":[1]`), "x"), []string{"fewer"}},
		"one offset":                {rawFile(one(`"dtype":"U8","shape":[1],"data_offsets":[1]`), "x"), []string{"fewer"}},
		"three offsets":             {rawFile(one(`"dtype":"U8","shape":[1],"data_offsets":[0,1,1]`), "x"), []string{"at most 2"}},
		"dtype is a number":         {rawFile(one(`"dtype":7`), ""), []string{"in quotes", `"7"`}},
		"dtype is null":             {rawFile(one(`"dtype":null`), ""), []string{"in quotes", "null"}},
		"shape is a text":           {rawFile(one(`"shape":"2"`), ""), []string{"a list"}},
		"negative dimension":        {rawFile(one(`"dtype":"U8","shape":[-1],"data_offsets":[0,1]`), "x"), []string{"integer from 0", `"-1"`}},
		"fractional dimension":      {rawFile(one(`"dtype":"U8","shape":[1.0],"data_offsets":[0,1]`), "x"), []string{"integer from 0", `"1.0"`}},
		"dimension in quotes":       {rawFile(one(`"dtype":"U8","shape":["1"],"data_offsets":[0,1]`), "x"), []string{"integer from 0"}},
		"dimension over 63 bits":    {rawFile(one(`"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]`), "x"), []string{"integer from 0"}},
		"too many dimensions":       {rawFile(one(`"dtype":"U8","shape":[`+strings.Repeat("1,", maxRank)+`1],"data_offsets":[0,1]`), "x"), []string{"at most 64"}},
		"product overflows to 0":    {rawFile(one(`"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]`), ""), []string{"fits in memory"}},
		"product overflows by size": {rawFile(one(`"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]`), ""), []string{"fits in memory"}},
		"offsets too short":         {rawFile(one(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), "1234"), []string{"8 bytes for shape (2,) of F32", "[0, 4]"}},
		"offsets too long":          {rawFile(one(`"dtype":"F32","shape":[],"data_offsets":[0,8]`), "12345678"), []string{"4 bytes for shape () of F32"}},
		"offsets backwards":         {rawFile(one(`"dtype":"U8","shape":[1],"data_offsets":[1,0]`), "x"), []string{"[1, 0]"}},
		"truncated":                 {rawFile(one(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`), "12345"), []string{`tensor "w"`, "up to byte 8", "5 bytes of data", "download it again"}},
		"trailing bytes":            {rawFile(one(`"dtype":"U8","shape":[1],"data_offsets":[0,1]`), "xyz"), []string{"1 bytes", "found 3 bytes"}},
		"data without tensors":      {rawFile(`{}`, "x"), []string{"found 1 bytes"}},
		"overlap": {rawFile(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}`, "1234"),
			[]string{`tensor "b"`, `byte 3, right after "a"`, "an overlap: it begins at 2"}},
		"the same place twice": {rawFile(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`, "123"),
			[]string{"an overlap"}},
		"empty tensor inside another": {rawFile(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}`, "123"),
			[]string{"an overlap"}},
		"hole": {rawFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, "123"),
			[]string{`tensor "b"`, "a gap: it begins at 2"}},
		"hole at the start":         {rawFile(one(`"dtype":"U8","shape":[1],"data_offsets":[1,2]`), "12"), []string{"a gap"}},
		"empty name":                {rawFile(`{"":{}}`, ""), []string{"want a name", "empty"}},
		"long name":                 {rawFile(`{"`+strings.Repeat("n", maxName+1)+`":{}}`, ""), []string{"at most 1024 bytes"}},
		"control character in name": {rawFile(`{"a\u0007b":{}}`, ""), []string{"control", `"a\ab"`}},
		"half a character in name":  {rawFile(`{"a\ud800":{}}`, ""), []string{"UTF-8"}},
		"metadata of numbers":       {rawFile(`{"__metadata__":{"epoch":7}}`, ""), []string{`field "__metadata__"`, "in quotes", `"7"`}},
		"metadata is a list":        {rawFile(`{"__metadata__":[]}`, ""), []string{"an object"}},
		"metadata twice":            {rawFile(`{"__metadata__":{},"__metadata__":{}}`, ""), []string{"twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := save(t, "bad.safetensors", test.file)
			_, err := OpenFile(path)
			requireError(t, err, append(test.want, path)...)
		})
	}
}

func TestTooManyTensors(t *testing.T) {
	var header strings.Builder
	for i := range maxTensors + 1 {
		fmt.Fprintf(&header, `,"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i)
	}
	_, err := parseHeader("many", rawFile("{"+header.String()[1:]+"}", ""))
	requireError(t, err, "at most 262144 tensors")
}

func TestOpenFileRefusesOtherThings(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenFile(dir)
	requireError(t, err, "found a folder")
	_, err = OpenFile(filepath.Join(dir, "absent"))
	requireError(t, err, "no such file")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestGoodHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		header, data string
		names        []string
	}{
		"nothing":                     {`{}`, "", []string{}},
		"padding":                     {"{}   \n\t ", "", []string{}},
		"scalar":                      {`{"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, "1234", []string{"s"}},
		"empty tensors":               {`{"b":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, "", []string{"a", "b"}},
		"empty between":               {`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"c":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, "123", []string{"a", "b", "c"}},
		"data in another order":       {`{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, "123", []string{"a", "b"}},
		"fields in another order":     {`{"a":{"data_offsets":[0,1],"shape":[1],"dtype":"U8"}}`, "1", []string{"a"}},
		"spaces before":               {" \n\t{}", "", []string{}},
		"no notes":                    {`{"__metadata__":null,"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, "1234", []string{"s"}},
		"a further field":             {`{"a":{"dtype":"U8","shape":[1],"stride":[{"x":null}],"data_offsets":[0,1]}}`, "1", []string{"a"}},
		"zero times too many":         {`{"a":{"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}`, "", []string{"a"}},
		"a type that is not readable": {`{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}`, "1", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, save(t, "good.safetensors", rawFile(test.header, test.data)))
			require.Equal(t, test.names, append([]string{}, f.Names()...))
		})
	}
}

// FuzzHeader: any bytes give a header or an error; an accepted header's tensors lie in the file one after another, and
// what it describes survives being written and parsed again.
func FuzzHeader(f *testing.F) {
	f.Add([]byte{})
	f.Add(rawFile(`{}`, ""))
	f.Add(rawFile(`{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}  `, "12345678"))
	f.Add(rawFile(`{"s":{"dtype":"BF16","shape":[],"data_offsets":[1,3]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "123"))
	f.Add(rawFile(`{"e":{"dtype":"I64","shape":[0,9],"data_offsets":[0,0]}}`, ""))
	f.Add(rawFile(`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, ""))
	f.Add(rawFile(` {"__metadata__":null,"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"b":{"dtype":"?","shape":[9],"data_offsets":[1,3]}}`, "123"))
	f.Add(rawFile(`{"w":{"dtype":"F32","shape":[[[[[[`, ""))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := parseHeader("fuzz", file)
		if err != nil {
			requireError(t, err, "fuzz")
			return
		}
		var tensors []Tensor
		total := h.data
		for _, name := range h.names {
			e := h.entries[name]
			total += e.end - e.begin
			if e.DType.Size() == 0 {
				continue
			}
			n, err := elements(e.Shape)
			require.NoError(t, err)
			require.EqualValues(t, n*e.DType.Size(), e.end-e.begin)
			tensors = append(tensors, Tensor{name, e.DType, e.Shape, ByteData(file[h.data+e.begin : h.data+e.end])})
		}
		require.EqualValues(t, len(file), total)
		again := encode(t, tensors, h.metadata)
		h2, err := parseHeader("again", again)
		require.NoError(t, err)
		require.Len(t, h2.names, len(tensors))
		require.Zero(t, h2.data%8)
		for _, name := range h2.names {
			a, b := h.entries[name], h2.entries[name]
			require.Equal(t, a.Shape, b.Shape)
			require.Equal(t, a.DType, b.DType)
			require.Equal(t, file[h.data+a.begin:h.data+a.end], again[h2.data+b.begin:h2.data+b.end])
		}
	})
}

// TestEveryDType: a file with every type of the reference library, and one that nobody knows, opens; its float32 tensor
// can be read, and the others say what they are.
func TestEveryDType(t *testing.T) {
	f := open(t, "testdata/dtypes.safetensors")
	bits := map[DType]int{}
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		require.Equal(t, []int{4, 2}, info.Shape)
		raw, err := f.Bytes(name)
		require.NoError(t, err)
		bits[info.DType] = len(raw)
		if slices.Contains(realTypes, info.DType) {
			values, err := f.Float32(name, 4, 2)
			require.NoError(t, err)
			require.Equal(t, []float32{0, 1, 2, 3, 4, 5, 6, 7}, values, name)
			continue
		}
		_, err = f.Float32(name, 4, 2)
		requireError(t, err, quote(name), "want dtype F32 or F16 or BF16 or F64, found "+string(info.DType))
		requireError(t, f.Check(name, 4, 2), "found "+string(info.DType))
	}
	require.Len(t, bits, 22)
	for dtype, n := range bits {
		require.Equal(t, dtype.Bits(), n, dtype) // 8 elements
	}
}

func TestUnknownDType(t *testing.T) {
	f := open(t, save(t, "new.safetensors", rawFile(
		`{"new":{"dtype":"F3_E1M1","shape":[5],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, "123")))
	raw, err := f.Bytes("new")
	require.NoError(t, err)
	require.Equal(t, "12", string(raw))
	w, err := f.Int64("w", 1)
	require.NoError(t, err)
	require.Equal(t, []int64{'3'}, w)
	_, err = f.Float32("new", 5)
	requireError(t, err, `tensor "new"`, "found F3_E1M1", "convert")
	_, err = f.Int64("new", 5)
	requireError(t, err, "found F3_E1M1")
}
