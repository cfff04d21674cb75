package loader

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"cradio/loader/pickle"
)

const torchFiles = "testdata/torch/"

// openWeights opens a file of torch.save that the test's end closes.
func openWeights(t *testing.T, file string) *TorchDict {
	t.Helper()
	f, err := OpenTorch(torchFiles + file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	d, _, err := f.Weights()
	require.NoError(t, err)
	return d
}

// TestTorchTensors: every dtype, shape and way of lying in its storage, in both formats, is what torch says it is.
func TestTorchTensors(t *testing.T) {
	text, err := os.ReadFile(torchFiles + "state.json")
	require.NoError(t, err)
	var want map[string]struct {
		Shape   []int
		Numbers []any
	}
	require.NoError(t, json.Unmarshal(text, &want))
	for _, file := range []string{"state.pth", "legacy.pth"} {
		d := openWeights(t, file)
		require.Len(t, d.Names(), len(want)+2, "with two that are not read")
		for name, w := range want {
			info, ok := d.Lookup(name)
			require.True(t, ok, name)
			require.Equal(t, append([]int{}, w.Shape...), append([]int{}, info.Shape...), name)
			if isReal(info.DType) {
				got, err := d.Float32(name, w.Shape...)
				require.NoError(t, err, name)
				require.NoError(t, d.Check(name, w.Shape...))
				require.Len(t, got, len(w.Numbers), name)
				for i, v := range w.Numbers {
					require.Equal(t, float32(v.(float64)), got[i], "%s %s[%d]", file, name, i)
				}
				_, err = d.Int64(name, w.Shape...)
				requireError(t, err, "found "+string(info.DType))
				continue
			}
			got, err := d.Int64(name, w.Shape...)
			require.NoError(t, err, name)
			for i, v := range w.Numbers {
				if b, ok := v.(bool); ok {
					v = map[bool]float64{true: 1}[b]
				}
				require.EqualValues(t, v, got[i], "%s %s[%d]", file, name, i)
			}
			_, err = d.Float32(name, w.Shape...)
			requireError(t, err, "found "+string(info.DType))
		}
		d.Release("f32")
		_, err = d.Float32("f32", 6, 4)
		requireError(t, err, `tensor "f32"`, "want shape (6, 4), found (4, 6)")
		_, err = d.Float32("nobody")
		require.ErrorIs(t, err, ErrMissing)
	}
}

func isReal(d DType) bool { return d == F32 || d == F16 || d == BF16 || d == F64 }

func TestTorchFloat32IsAView(t *testing.T) {
	for file, zip := range map[string]bool{"state.pth": true, "legacy.pth": false} {
		d := openWeights(t, file)
		for name, shape := range map[string][]int{"f32": {4, 6}, "view": {4}} {
			values, err := d.Float32(name, shape...)
			require.NoError(t, err)
			start := uintptr(unsafe.Pointer(unsafe.SliceData(d.t.mapped)))
			at := uintptr(unsafe.Pointer(&values[0])) - start
			if within := at < uintptr(len(d.t.mapped)); zip {
				require.True(t, within, "an archive keeps storages aligned: %s must not be copied", name)
			}
			require.Equal(t, len(values), cap(values))
		}
	}
}

// TestTorchUnread: what is no dense tensor of real numbers is there, and says what it is when it is asked for.
func TestTorchUnread(t *testing.T) {
	d := openWeights(t, "state.pth")
	for name, says := range map[string]string{
		"sparse": "want a dense tensor, found a sparse tensor", "quantized": "want a dense tensor, found a quantized tensor",
		"version": "want a dense tensor, found the value 3", "_extra_state": "found None",
		"negated": "kept as the neg of another", "meta": "a tensor without numbers (meta)",
	} {
		_, err := d.Float32(name, 3, 3)
		requireError(t, err, d.String(), quote(name), says)
		require.Contains(t, d.Others(), name)
		require.NotContains(t, d.Names(), name)
	}
	_, err := d.Float32("c64", 1)
	requireError(t, err, "found C64")
	_, err = d.Float32("f8", 3)
	requireError(t, err, "found F8_E4M3")
	root := d.Torch().Root().(*pickle.Dict)
	require.NotNil(t, root.Attrs, "_metadata")
}

func TestTorchProtocols(t *testing.T) {
	for protocol := 3; protocol <= 5; protocol++ {
		d := openWeights(t, fmt.Sprintf("protocol%d.pth", protocol))
		values, err := d.Float32("f32", 4, 6)
		require.NoError(t, err)
		require.EqualValues(t, 23, values[23])
		require.Equal(t, map[string]any{"bytes": []byte{0, 0xff}}, d.Others())
	}
}

// TestTorchRun: a checkpoint of a training run, with its weights, its optimizer and its arguments.
func TestTorchRun(t *testing.T) {
	for _, file := range []string{"run.pth.tar", "run-legacy.pth.tar"} {
		f, err := OpenTorch(torchFiles + file)
		require.NoError(t, err)
		d, key, err := f.Weights()
		require.NoError(t, err)
		require.Equal(t, "state_dict", key)
		require.Equal(t, []string{"a.weight", "b.deep.bias", "b.weight"}, d.Names())
		require.Equal(t, map[string]any{"count": int64(7)}, d.Others())
		bias, err := d.Float32("b.deep.bias", 1)
		require.NoError(t, err)
		require.Equal(t, []float32{5}, bias)

		moments, err := f.Dict("optimizer")
		require.NoError(t, err)
		require.Equal(t, []string{"state.0.exp_avg", "state.0.step"}, moments.Names())
		_, err = f.Dict("nothing")
		requireError(t, err, file, `key "nothing"`, `its keys are "epoch", "arch"`)
		require.ErrorIs(t, err, ErrMissing)
		_, err = f.Dict("epoch")
		requireError(t, err, "want a dictionary of tensors, found the value 3")

		root := f.Root().(*pickle.Dict)
		version, _ := root.Get("torch")
		require.IsType(t, "", version)
		args, _ := root.Get("args")
		text, err := pickle.JSON(args)
		require.NoError(t, err)
		require.JSONEq(t, `{"lr":0.001,"betas":[0.9,0.999],"name":"run 1","resume":null,"amp":true,"size":[224,448],"output":"/data/out",
			"device":"cuda:1","cpu":"cpu","dtype":"torch.bfloat16","shape":[3,4],"seed":7,"scale":0.5,"classes":["a"],
			"window":"slice(0, 4, None)","at":"2026-11-27T01:02:03","nested":{"teachers":[{"name":"clip","weight":1.0}]},
			"bad":"NaN","layout":"torch.strided","tensor":"tensor F32 (3,)","big":1180591620717411303424,"mean":[0.5,0.25]}`, string(text))
		require.NoError(t, f.Close())
		_, err = d.Float32("b.deep.bias", 1)
		requireError(t, err, "closed")
		d.Release("b.deep.bias")
	}
}

// TestTorchHub: a published kind of checkpoint holds the numbers of the same model in safetensors.
func TestTorchHub(t *testing.T) {
	reference, err := OpenFolder(checkpoints + "hub")
	require.NoError(t, err)
	defer reference.Close()
	for file, in := range map[string]string{"nano.pth.tar": "state_dict", "nano_half.pth.tar": "state_dict_ema"} {
		c, err := OpenPath(checkpoints + "torchhub/" + file)
		require.NoError(t, err)
		f, key, ok := c.Torch()
		require.True(t, ok)
		require.Equal(t, in, key)
		args, _ := f.Root().(*pickle.Dict).Get("args")
		text, err := pickle.JSON(args)
		require.NoError(t, err)
		require.Contains(t, string(text), `"cpe_max_size"`)
		same := 0
		for _, name := range c.Names() {
			theirs := "radio_model." + strings.Replace(name, "base_model.", "model.", 1)
			info, _ := c.Lookup(name)
			there, ok := reference.Lookup(theirs)
			if !ok || there.DType != F32 {
				continue
			}
			got, err := c.Float32(name, info.Shape...)
			require.NoError(t, err)
			want, err := reference.Float32(theirs, info.Shape...)
			require.NoError(t, err)
			require.InDeltaSlice(t, want, got, 1e-3, name)
			same++
		}
		require.Greater(t, same, 40)
		require.NoError(t, c.Close())
	}
}

func TestTorchWeights(t *testing.T) {
	d := openWeights(t, "one.pth")
	require.Equal(t, []string{"w"}, d.Names(), "the only dictionary with tensors")
	for file, says := range map[string][]string{
		"several.pth": {`want one dictionary of tensors, found 2: "first", "second"`},
		"list.pth":    {"want a dictionary of tensors, found a list of 2", "state_dict()"},
		"tensor.pth":  {"found a tensor F32 (4, 6)"},
	} {
		_, err := OpenPath(torchFiles + file)
		requireError(t, err, append(says, file)...)
	}
	f, err := OpenTorch(torchFiles + "several.pth")
	require.NoError(t, err)
	defer f.Close()
	second, err := f.Dict("second")
	require.NoError(t, err)
	require.Equal(t, []string{"w"}, second.Names())
	whole, err := f.Source()
	require.NoError(t, err)
	require.Equal(t, []string{"first.w", "second.w"}, whole.Names())
}

func TestTorchVariants(t *testing.T) {
	for _, file := range []string{"rezipped.pth", "big-endian.pth"} {
		d := openWeights(t, file)
		values, err := d.Float32("w", 24)
		require.NoError(t, err)
		for i, v := range values {
			require.EqualValues(t, i, v, file)
		}
	}
	d := openWeights(t, "repeated.pth")
	_, err := d.Float32("w", 1<<20, 1<<20)
	requireError(t, err, "elements that repeat others", "(1048576, 1048576) of 1 numbers", "contiguous()")
}

func TestBadTorchFiles(t *testing.T) {
	says := map[string][]string{
		"byteorder":       {"byteorder: want little or big", `"middle"`},
		"compressed":      {`data.pkl"`, "want a stored file, found a compressed one", "zip -0"},
		"no-storage":      {"data.pkl, byte", `storage "0": the archive has no file data/0`},
		"short-storage":   {`storage "0": want 96 bytes for 24 elements, found 95`},
		"no-pickle":       {"with data.pkl in it, found a zip archive of"},
		"half-pickle":     {"data.pkl, byte", "cut short", "fetch it again"},
		"script":          {"a TorchScript program", "torch.jit.load"},
		"system":          {`"posix.system"`, "nothing of it was run", "do not load this file anywhere"},
		"stack-global":    {`"posix.system"`, "do not load this file anywhere"},
		"inst":            {`"posix.system"`},
		"chain":           {`"builtins.getattr"`, "nothing of it was run", "If you trust its publisher"},
		"memo-bomb":       {"more than the bound"},
		"cycle":           {"one that holds itself"},
		"laughs":          nil,
		"outside":         {`storage "0": a tensor of shape (24,) and strides [1] from element 1 on, in 24 elements`},
		"strides-outside": {"not within its 24 elements"},
		"overflow":        {"does not fit in memory"},
		"stride-overflow": {"not within its 24 elements"},
		"offset-overflow": {"from element 9223372036854775807 on"},
		"count":           {"want 100 bytes for 25 elements, found 96"},
		"module":          {`"torch.nn.modules.linear.Linear"`, "a whole model object", "model.state_dict()"},
		"legacy-cut":      {"storage ", "bytes for", "fetch it again"},
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

// TestOpenPath: the contents tell what a file is, not its name.
func TestOpenPath(t *testing.T) {
	contents := func(path string) []byte {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		return b
	}
	hub := contents(checkpoints + "hub/model.safetensors")
	for _, name := range []string{"weights.bin", "model.pth", "a b"} {
		path := save(t, name, hub)
		c, err := OpenPath(path)
		require.NoError(t, err)
		require.Len(t, c.Names(), 82)
		require.Equal(t, path, c.String())
		require.Equal(t, filepath.Dir(path), c.Dir())
		require.Len(t, c.Files(), 1)
		_, _, ok := c.Torch()
		require.False(t, ok)
		require.NoError(t, c.Close())
	}
	for path, tensors := range map[string]int{
		checkpoints + "hub":                                          82,
		checkpoints + "hub-sharded":                                  82,
		checkpoints + "hub-sharded/" + indexName:                     82,
		save(t, "model.safetensors", contents(torchFiles+"one.pth")): 1,
		torchFiles + "legacy.pth":                                    31,
	} {
		c, err := OpenPath(path)
		require.NoError(t, err, path)
		require.Len(t, c.Names(), tensors, path)
		require.Equal(t, path, c.String())
		for _, f := range c.Files() {
			id, err := f.Identity()
			require.NoError(t, err)
			require.Len(t, id.Header, 64)
			require.NoError(t, f.Unchanged())
		}
		require.NoError(t, c.Close())
	}
	for name, test := range map[string]struct{ contents, want string }{
		"page":  {"<html>", "found a web page (HTML)"},
		"json":  {"{}", "weight_map"},
		"other": {"\x12\x34\x56\x78\x9a\xbc\xde\xf0\x12", "this is not a safetensors file"},
		"npy":   {"\x93NUMPY\x01\x00", "a NumPy array"},
	} {
		path := save(t, name, []byte(test.contents))
		_, err := OpenPath(path)
		requireError(t, err, path, test.want)
	}
	_, err := OpenPath("testdata/absent")
	requireError(t, err, "testdata/absent", "no such file")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTorchFolders(t *testing.T) {
	copyTo := func(dir, name, from string) {
		b, err := os.ReadFile(torchFiles + from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	dir := t.TempDir()
	copyTo(dir, "anything.pth.tar", "run.pth.tar")
	c, err := OpenFolder(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a.weight", "b.deep.bias", "b.weight"}, c.Names())
	require.Equal(t, dir, c.Dir())
	require.NoError(t, c.Close())

	copyTo(dir, "pytorch_model.bin", "one.pth")
	copyTo(dir, "training_args.bin", "list.pth")
	c, err = OpenFolder(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"w"}, c.Names(), "pytorch_model.bin is meant, whatever lies beside it")
	require.NoError(t, c.Close())

	shards := t.TempDir()
	copyTo(shards, "pytorch_model-00001-of-00002.bin", "one.pth")
	copyTo(shards, "pytorch_model-00002-of-00002.bin", "protocol4.pth")
	require.NoError(t, os.WriteFile(filepath.Join(shards, "pytorch_model.bin.index.json"), []byte(
		`{"weight_map":{"w":"pytorch_model-00001-of-00002.bin","f32":"pytorch_model-00002-of-00002.bin"}}`), 0o600))
	c, err = OpenFolder(shards)
	require.NoError(t, err)
	require.Equal(t, []string{"f32", "w"}, c.Names())
	require.Len(t, c.Files(), 2)
	require.NoError(t, c.Close())
}

// TestTorchIdentity: an archive's directory has a checksum of each part, so that another number is another file.
func TestTorchIdentity(t *testing.T) {
	b, err := os.ReadFile(torchFiles + "one.pth")
	require.NoError(t, err)
	identity := func(contents []byte) Identity {
		f, err := OpenTorch(save(t, "w.pth", contents))
		require.NoError(t, err)
		defer f.Close()
		id, err := f.Identity()
		require.NoError(t, err)
		return id
	}
	one := identity(b)
	require.Equal(t, one.Header, identity(b).Header)
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	b[at+16]++ // the last entry's CRC-32
	require.NotEqual(t, one.Header, identity(b).Header)
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
	f.Fuzz(func(t *testing.T, pickle, storage []byte) {
		checkAnyTorch(t, archive("data.pkl", string(pickle), "data/0", string(storage)))
	})
}

// checkAnyTorch opens what may not be a file of torch.save, and reads all tensors that are not large.
func checkAnyTorch(t *testing.T, contents []byte) {
	file := &Torch{MappedFile: &MappedFile{path: "fuzz", mapped: contents}}
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

// TestLargeDirectory: an archive's directory takes bounded memory.
func TestLargeDirectory(t *testing.T) {
	const header = "PK\x01\x02" // and 42 more bytes, of which the last of 2 is the name's length
	one := archive("data.pkl", "N.")
	at := bytes.Index(one, []byte(header))
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	entry := one[at:end]
	size := (maxDirectory + 1<<20) / len(entry) * len(entry)
	b := append(bytes.Clone(one[:at]), bytes.Repeat(entry, size/len(entry))...)
	tail := bytes.Clone(one[end:])
	binary.LittleEndian.PutUint32(tail[12:], uint32(size))
	b = append(b, tail...)
	_, err := OpenTorch(save(t, "many.pth", b))
	requireError(t, err, "a directory of over 67108864 bytes")
}

// TestTorchSeeds: what the fuzzer starts from is sound.
func TestTorchSeeds(t *testing.T) {
	f, err := OpenTorch(save(t, "a.pth", archive("data.pkl", "}U\x01a}U\x01bK\x00ss.")))
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
