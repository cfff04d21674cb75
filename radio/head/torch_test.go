package head_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/head"
	"cradio/radio/lora"

	"github.com/stretchr/testify/require"
)

// write is a folder for heads and adapters that conformance/reference/train/torch_heads.py loads into
// PyTorch:
//
//	go test ./radio/head -run TestForTorch -write DIR
//	python conformance/reference/train/torch_heads.py DIR
var write = flag.String("write", "", "folder for the heads and adapters that torch_heads.py reads")

// TestForTorch writes a head of every kind with an example, and adapters with merged weights.
func TestForTorch(t *testing.T) {
	dir := *write
	if dir == "" {
		dir = t.TempDir()
	}
	m := open(t, "synthetic:nano", radio.Options{})
	for i, spec := range specs() {
		h, err := head.New(spec, uint64(i))
		require.NoError(t, err)
		for _, w := range append(h.Trainable(), h.Buffers()...) { // so that no norm is the identity
			v, err := w.Value()
			require.NoError(t, err)
			for j := range v.Float32s() {
				v.Float32s()[j] += 0.01 * float32(j%7)
			}
		}
		at := filepath.Join(dir, fmt.Sprintf("%02d-%s", i, spec.Kind))
		require.NoError(t, h.Save(at))
		out, err := m.Run(t.Context(), pixels(2, 48, 80), radio.Request{Heads: []radio.Head{h}, Sources: h.Sources()})
		require.NoError(t, err)
		example := []loader.Tensor{
			{Name: "grid", DType: loader.I64, Shape: []int{2}, Data: loader.Int64Data([]int64{int64(out.Rows), int64(out.Cols)})},
			{Name: "output", DType: loader.F32, Shape: out.Heads[0].Values.Shape(), Data: loader.Float32Data(out.Heads[0].Values.Float32s())},
		}
		for s, v := range out.Sources {
			example = append(example, loader.Tensor{Name: "source/" + string(s), DType: loader.F32, Shape: v.Shape(), Data: loader.Float32Data(v.Float32s())})
		}
		if *write != "" {
			require.NoError(t, loader.Write(filepath.Join(at, "example.safetensors"), example, nil))
		}
	}
	for i, c := range []lora.Config{{Rank: 4, Alpha: 8}, {Rank: 2, Alpha: 3, RSLoRA: true, Targets: []string{"mlp.fc1", "attn.qkv"}, Blocks: []int{1, 2}}} {
		writeAdapter(t, filepath.Join(dir, fmt.Sprintf("lora-%d", i)), c)
	}
}

func writeAdapter(t *testing.T, dir string, c lora.Config) {
	m := open(t, "synthetic:nano", radio.Options{})
	linears := m.Network().Linears()
	a, err := lora.New(linears, c, 1)
	require.NoError(t, err)
	for _, w := range a.Trainable() {
		v, err := w.Value()
		require.NoError(t, err)
		for j := range v.Float32s() {
			v.Float32s()[j] += 0.01 * float32(j%5-2)
		}
	}
	require.NoError(t, a.Save(dir))
	weights := func() (list []loader.Tensor) {
		for name, l := range linears {
			v, err := l.Weight.Value()
			require.NoError(t, err)
			data := append([]float32(nil), v.Float32s()...)
			list = append(list, loader.Tensor{Name: name + ".weight", DType: loader.F32, Shape: v.Shape(), Data: loader.Float32Data(data)})
		}
		return list
	}
	base := weights()
	require.NoError(t, a.Merge(linears))
	merged := weights()
	if *write != "" {
		require.NoError(t, loader.Write(filepath.Join(dir, "base.safetensors"), base, nil))
		require.NoError(t, loader.Write(filepath.Join(dir, "merged.safetensors"), merged, nil))
	}
}
