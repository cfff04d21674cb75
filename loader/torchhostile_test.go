package loader

import (
	"archive/zip"
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBadTorchFiles(t *testing.T) {
	says := map[string][]string{
		"byteorder":       {"byteorder: want little or big", `"middle"`},
		"compressed":      {`data.pkl"`, "want an uncompressed file, found a compressed file", "zip -0"},
		"no-storage":      {"data.pkl, byte", `storage "0": the archive has no file of that name in its folder data`},
		"short-storage":   {`storage "0": want 96 bytes for 24 elements, found 95`},
		"no-pickle":       {"with data.pkl in it, found a zip archive of"},
		"half-pickle":     {"data.pkl, byte", "cut short", "download it again"},
		"script":          {"a TorchScript program", "torch.jit.load"},
		"system":          {`"posix.system"`, "nothing in it was run", "do not load this file anywhere"},
		"stack-global":    {`"posix.system"`, "do not load this file anywhere"},
		"inst":            {`"posix.system"`},
		"chain":           {`"builtins.getattr"`, "nothing in it was run", "If you trust its publisher"},
		"memo-bomb":       {"memory bound"},
		"cycle":           {"a dictionary that contains itself"},
		"laughs":          nil,
		"outside":         {`storage "0": a tensor of shape (24,) and strides [1] from element 1 on, in 24 elements`},
		"strides-outside": {"not within its 24 elements"},
		"overflow":        {"does not fit in memory"},
		"stride-overflow": {"not within its 24 elements"},
		"offset-overflow": {"from element 9223372036854775807 on"},
		"count":           {"want 100 bytes for 25 elements, found 96"},
		"module":          {`"torch.nn.modules.linear.Linear"`, "a whole model object", "model.state_dict()"},
		"legacy-cut":      {"storage ", "bytes for", "download it again"},
	}
	files, err := filepath.Glob(torchFiles + "*.bad.pth")
	require.NoError(t, err)
	require.Len(t, files, len(says))
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".bad.pth")
		t.Run(name, func(t *testing.T) {
			c, err := OpenPath(path)
			if says[name] == nil { // there is no tensor in it
				requireError(t, err, path, "want a dictionary of tensors")
				return
			}
			requireError(t, err, append(says[name], path)...)
			require.Nil(t, c)
		})
	}
	for _, test := range map[string]struct {
		contents string
		want     string
	}{
		"empty":    {"", "an empty file"},
		"tar":      {"a" + strings.Repeat("\x00", 256) + "ustar\x0000" + strings.Repeat("\x00", 300), "a tar archive"},
		"gzip":     {"\x1f\x8b\x08\x00", "compressed by gzip"},
		"pickle":   {"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00", "a Python pickle"},
		"lfs":      {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
		"cut zip":  {"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x08\x00\x00\x00data.pkl", "its directory, at its end"},
		"nonsense": {"\x12\x34\x56\x78\x9a\xbc\xde\xf0\x12", "begins with"},
	} {
		path := save(t, "weights.pth.tar", []byte(test.contents))
		_, err := OpenTorch(path)
		requireError(t, err, path, test.want)
	}
	_, err = OpenTorch(t.TempDir())
	requireError(t, err, "want a PyTorch checkpoint, found a folder")
}

// FuzzTorch, whose seeds are short for the fuzzer's sake: any bytes give a file or an error; what it lists can be asked for, and is its shape's size or an error.
func FuzzTorch(f *testing.F) {
	const tensor = "}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x02NtQK\x00K\x02\x85K\x01\x85\x89NtRs."
	f.Add(archive("data.pkl", strings.Replace(tensor, "K\x02NtQ", "K\x02tQ", 1), "data/0", "abcdefgh"))
	f.Add(archive("byteorder", "big", "data.pkl", "}U\x01a}U\x01bK\x00ss."))
	legacy := "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."
	f.Add([]byte(legacy + tensor + "]U\x010a.\x02\x00\x00\x00\x00\x00\x00\x00abcdefgh"))
	f.Fuzz(checkAnyTorch)
}

// FuzzTorchPickle: the same of archives that are sound, with any pickle and storage in them.
func FuzzTorchPickle(f *testing.F) {
	f.Add([]byte("}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nLongStorage\nU\x010U\x03cpuK\x02tQK\x00K\x02\x85K\x01\x85\x89NtRs."), []byte("abcdefghabcdefgh"))
	f.Add([]byte("}U\x01wctorch._utils\n_rebuild_tensor_v3\n((U\x07storagectorch.storage\nUntypedStorage\nU\x010NK\x08tQK\x01(K\x02K\x01t(K\x01K\x00t\x89Nctorch\nfloat16\ntRs."), []byte("abcdefgh"))
	f.Add([]byte("}q\x00(U\x05modelh\x00U\x01actorch._utils\n_rebuild_parameter\n(NtRu."), []byte{})
	f.Add([]byte("}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01\nU\x03cpuK\x02tQK\x00K\x02\x85K\x01\x85\x89NtRs."), []byte("abcdefgh"))
	f.Fuzz(func(t *testing.T, pickle, storage []byte) {
		checkAnyTorch(t, archive("data.pkl", string(pickle), "data/0", string(storage)))
	})
}

// checkAnyTorch opens what may not be a file of torch.save, and reads all tensors that are not large.
func checkAnyTorch(t *testing.T, contents []byte) {
	file := &Torch{MappedFile: inMemory("fuzz", contents)}
	if err := file.read(); err != nil {
		requireError(t, locate(err, "fuzz", "", fetchAgain))
		return
	}
	d, _, err := file.Weights()
	if err != nil {
		requireError(t, err, "fuzz")
		return
	}
	for i, name := range d.Names() {
		info, ok := d.Lookup(name)
		require.True(t, ok)
		n, err := elements(info.Shape)
		if err != nil || n > 1<<16 || i > 100 {
			continue
		}
		if values, err := d.Float32(name, info.Shape...); err == nil && len(values) != n {
			t.Fatalf("%d values for shape %v", len(values), info.Shape)
		}
		if values, err := d.Int64(name, info.Shape...); err == nil && len(values) != n {
			t.Fatalf("%d values for shape %v", len(values), info.Shape)
		}
	}
}

// archive is a small zip archive of stored files: names and contents by turns.
func archive(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for pair := range slices.Chunk(files, 2) {
		size := uint64(len(pair[1]))
		f, err := w.CreateRaw(&zip.FileHeader{Name: "a/" + pair[0], CompressedSize64: size, UncompressedSize64: size})
		if err == nil {
			_, err = io.WriteString(f, pair[1])
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// TestLargeDirectory: of an archive's directory, no more is read than the bound.
func TestLargeDirectory(t *testing.T) {
	var files []string
	for i := range 1000 {
		files = append(files, strconv.Itoa(i), "")
	}
	b := archive(files...)
	r := &boundedReader{bytes.NewReader(b), len(b)}
	_, err := zip.NewReader(r, int64(len(b)))
	require.NoError(t, err)
	r.left = 10_000
	_, err = zip.NewReader(r, int64(len(b)))
	require.ErrorContains(t, err, "too long")
}

// TestTorchSeeds: what the fuzzer starts from is sound.
func TestTorchSeeds(t *testing.T) {
	f, err := OpenTorch(save(t, "a.pth", archive("data.pkl", "}U\x01a}U\x01bK\x00ss.")))
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
