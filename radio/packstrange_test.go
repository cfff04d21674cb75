package radio

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/cpu"
	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// oneTensor is a file of packed weights with one tensor of bytes, or of float32 where it is a weight.
func oneTensor(about, name string, size int) []byte {
	entry := map[string]any{"dtype": "U8", "shape": []int{size}, "data_offsets": []int{0, size}}
	if size%4 == 0 && !strings.Contains(name, "/") {
		entry["dtype"], entry["shape"] = "F32", []int{size / 4}
	}
	header, err := json.Marshal(map[string]any{"__metadata__": map[string]string{packKey: about}, name: entry})
	if err != nil {
		panic(err) // these can be marshalled
	}
	header = append(header, bytes.Repeat([]byte(" "), 64-(8+len(header))%64)...)
	file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	return append(file, make([]byte, size)...)
}

// onePack is what a pack says of itself, the name of its tensor, and its bytes.
type onePack struct {
	about, name string
	size        int
}

// strangePacks are packs of a checkpoint, by the identity of its file, and of others.
func strangePacks(t testing.TB, of *loader.File) []onePack {
	const weight = "radio_model.model.blocks.0.norm1.weight"
	list := []onePack{
		{`{"version":1,"dtype":"float32","layout":"` + cpu.Default().Layout() + `"}`, weight, 256},
		{`{"version":1e9,"checkpoint":[{"name":"model.safetensors","size":-1}]}`, weight + "/full/panels", 64},
		{`null`, "x[0]/int8/", 0},
		{`[`, "x[99999999999999999999]/bfloat16/values", 1},
		{`{"version":1,"version":1}`, weight, 256},
	}
	id, err := of.Identity()
	require.NoError(t, err)
	right, err := json.Marshal(packAbout{Version: 1, DType: Float32, Layout: cpu.Default().Layout(), Files: []packedFile{{Identity: id}}})
	require.NoError(t, err)
	for _, name := range []string{weight, weight + "/full/panels", "radio_model.model.blocks.0.attn.qkv.weight/full/panels",
		"radio_model.model.blocks.0.attn.qkv.weight[1]/full/panels", weight + "[-1]/full/", "//", "[/full/panels"} {
		list = append(list, onePack{string(right), name, 256})
	}
	return list
}

// TestStrangePacks: whatever a pack says of itself and holds, the model opens, with it or without.
func TestStrangePacks(t *testing.T) {
	dir := folder(t, "hub")
	opt := Options{Log: slog.New(slog.DiscardHandler)}
	of, err := loader.OpenFile(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	defer of.Close()
	for _, p := range strangePacks(t, of) {
		require.NoError(t, os.WriteFile(packPath(dir, at(dir), Float32), oneTensor(p.about, p.name, p.size), 0o644))
		m, err := Open(context.Background(), dir, opt)
		require.NoError(t, err)
		require.NoError(t, m.Close())
	}
}
