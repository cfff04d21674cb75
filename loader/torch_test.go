package loader

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
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
		"negated": "stored as the neg of another", "meta": "a tensor without numbers (meta)",
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
