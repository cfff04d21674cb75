package filekind

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// local is the beginning of a zip archive whose first file has a name.
func local(name string) string {
	b := append([]byte("PK\x03\x04"), make([]byte, 22)...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
	return string(b) + "\x00\x00" + name + "contents"
}

func length(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

func TestDescribe(t *testing.T) {
	for name, test := range map[string]struct {
		head string
		kind Kind
		says []string
	}{
		"empty":              {"", Empty, []string{"empty", "fetch it again"}},
		"zeros":              {strings.Repeat("\x00", 5000), Zeros, []string{"zeros", "interrupted"}},
		"git-lfs":            {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 391234567\n", LFSPointer, []string{"git-lfs", "`git lfs pull`"}},
		"git-xet":            {"# xet version 0\nfilesize = 3\nhash = '4d'\n", XetPointer, []string{"git-xet"}},
		"git-annex":          {"/annex/objects/SHA256E-s3--4d.safetensors\n", AnnexPointer, []string{"`git annex get`"}},
		"html":               {"<!DOCTYPE html>\n<html lang=\"en\">", HTML, []string{"web page", "log in"}},
		"html after spaces":  {"\r\n\r\n  <HTML><head>", HTML, nil},
		"html with a BOM":    {"\xef\xbb\xbf<html>", HTML, nil},
		"xhtml":              {"<?xml version=\"1.0\"?>\n<html xmlns=\"\">", HTML, nil},
		"xml":                {"<?xml version=\"1.0\"?>\n<annotation>", XML, []string{"XML"}},
		"refused by a store": {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>", StorageError, []string{"server's error", "refused"}},
		"svg":                {"<svg xmlns=\"http://www.w3.org/2000/svg\">", SVG, []string{"PNG"}},
		"json":               {"{\n  \"architectures\": [", JSON, []string{"JSON"}},
		"json list":          {"[1, 2]", JSON, nil},
		"json nothing":       {"{}", JSON, nil},
		"json with a BOM":    {"\xef\xbb\xbf{\"a\": 1}", TextWithBOM, []string{"byte-order mark", "without a byte-order mark"}},
		"utf-16 LE":          {"\xff\xfe{\x00}\x00", UTF16, []string{"UTF-16", "PowerShell"}},
		"utf-16 BE":          {"\xfe\xff\x00{\x00}", UTF16, nil},
		"utf-16 unmarked":    {"{\x00\"\x00a\x00", UTF16, nil},
		"an answer":          {"Entry not found", Text, []string{`text that begins with "Entry not found"`}},
		"yaml":               {"model:\n  depth: 12\n", Text, []string{`"model:"`}},
		"a long text":        {strings.Repeat("日本語", 500), Text, []string{`"日本語日本語日本語日本語日"…`}},
		"spaces":             {" \n ", Text, nil},
		"not quite JSON":     {"{model}", Text, nil},
		"safetensors":        {length(100) + `{"__metadata__":`, Safetensors, []string{"safetensors", "weights"}},
		"with spaces":        {length(100) + `  {"__metadata__":`, Safetensors, nil},
		"length as gzip":     {length(35615) + `{"a":{`, Safetensors, nil},
		"length as JPEG XL":  {length(2815) + `{"a":{`, Safetensors, nil},
		"length too long":    {length(1<<40) + `{"__metadata__":`, Unknown, nil},
		"torch":              {local("archive/data.pkl"), TorchZip, []string{"PyTorch", "weights"}},
		"torch 2.6":          {local("m/.format_version"), TorchZip, nil},
		"legacy torch":       {"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", TorchLegacy, []string{"before version 1.6"}},
		"pickle 2":           {"\x80\x02}q\x00(X", Pickle, []string{"Python pickle", "program"}},
		"pickle 3":           {"\x80\x03cnumpy.core", Pickle, nil},
		"pickle 4":           {"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00", Pickle, nil},
		"pickle 5":           {"\x80\x05]\x94.", Pickle, nil},
		"pickle 0":           {"(dp0\nS'a'\np1\n", Pickle, nil},
		"zip":                {local("config.json"), Zip, []string{"zip", "unzip"}},
		"cut zip":            {"PK\x03\x04", Zip, nil},
		"empty zip":          {"PK\x05\x06" + strings.Repeat("\x00", 18), Zip, nil},
		"npz":                {local("x.npy"), NumPyZip, []string{".npz"}},
		"npy":                {"\x93NUMPY\x01\x00", NumPy, []string{".npy"}},
		"gguf":               {"GGUF\x03\x00\x00\x00", GGUF, []string{"GGUF"}},
		"onnx":               {"\x08\x0a\x12\x07pytorch\x1a\x052.1.0", ONNX, []string{"ONNX"}},
		"onnx without maker": {"\x08\x0a\x3a\xa5\x12\x0a\x03abc", ONNX, nil},
		"hdf5":               {"\x89HDF\r\n\x1a\n", HDF5, []string{"HDF5"}},
		"tflite":             {"\x1c\x00\x00\x00TFL3", TFLite, nil},
		"gzip":               {"\x1f\x8b\x08\x00", Gzip, []string{"gunzip", "tar -xzf"}},
		"zstd":               {"\x28\xb5\x2f\xfd\x04", Zstandard, []string{"unzstd"}},
		"xz":                 {"\xfd7zXZ\x00\x00", XZ, []string{"unxz"}},
		"bzip2":              {"BZh91AY", Bzip2, []string{"bunzip2"}},
		"7z":                 {"7z\xbc\xaf\x27\x1c\x00", SevenZip, nil},
		"tar":                {"folder/" + strings.Repeat("\x00", 250) + "ustar\x0000", Tar, []string{"tar archive", "tar -xf"}},
		"pdf":                {"%PDF-1.7\n", PDF, []string{"PDF"}},
		"parquet":            {"PAR1\x15\x04", Parquet, nil},
		"apple double":       {"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", AppleDouble, []string{`"._"`}},
		"png":                {"\x89PNG\r\n\x1a\n\x00", PNG, []string{"PNG image"}},
		"jpeg":               {"\xff\xd8\xff\xe0\x00\x10JFIF", JPEG, []string{"JPEG image"}},
		"gif":                {"GIF89a\x01", GIF, nil},
		"webp":               {"RIFF\x24\x00\x00\x00WEBPVP8 ", WebP, nil},
		"bmp":                {"BM" + strings.Repeat("\x00", 12) + "\x28\x00\x00\x00", BMP, nil},
		"tiff":               {"II*\x00\x08", TIFF, nil},
		"heic":               {"\x00\x00\x00\x18ftypheic", HEIF, []string{"iPhone"}},
		"avif":               {"\x00\x00\x00\x18ftypavif", AVIF, nil},
		"mp4":                {"\x00\x00\x00\x18ftypisom", Video, []string{"video"}},
		"jpeg 2000":          {"\x00\x00\x00\x0cjP  \r\n\x87\n", JPEG2000, nil},
		"jpeg xl":            {"\xff\x0a\xfa", JPEGXL, nil},
		"elf":                {"\x7fELF\x02", Program, nil},
		"numbers":            {"\x12\x34\x56\x78\x9a\xbc\xde\xf0", Unknown, nil},
		"one byte":           {"\x80", Unknown, nil},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.kind.String(), Of([]byte(test.head)).String())
			what, do, ok := Describe([]byte(test.head))
			require.Equal(t, test.kind != Unknown, ok)
			if ok {
				require.NotEmpty(t, what)
				require.NotEmpty(t, do)
				require.NotContains(t, what+do, "\n")
			}
			for _, part := range test.says {
				require.Contains(t, what+"; "+do, part)
			}
		})
	}
}

func TestEveryKindHasWords(t *testing.T) {
	for k := Empty; k <= Program; k++ {
		require.NotEmpty(t, words[k].what, "kind %d", k)
		require.NotEmpty(t, words[k].do, "kind %d", k)
	}
	require.Equal(t, "a file of an unknown kind", Unknown.String())
}

// FuzzDescribe: any bytes are described in one short line, or not at all.
func FuzzDescribe(f *testing.F) {
	for _, head := range []string{"", "{", "\xef\xbb\xbf", "PK\x03\x04", "\x80\x02}", "<?xml", "\x08\x08\x12\x03abc", "日"} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		what, do, ok := Describe(head)
		require.Equal(t, ok, what != "" && do != "")
		require.NotContains(t, what+do, "\n")
		require.Less(t, len(what), 300)
	})
}

func BenchmarkDescribe(b *testing.B) {
	head := []byte(strings.Repeat("some text. ", 100))
	for b.Loop() {
		Describe(head)
	}
}
