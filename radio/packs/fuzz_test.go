package packs

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// held is a checkpoint of files in memory.
type held []*loader.MappedFile

func (h held) String() string              { return "checkpoint" }
func (h held) Dir() string                 { return "checkpoint" }
func (h held) Files() []*loader.MappedFile { return h }

// oneTensor is a file of packed weights with one tensor of bytes.
func oneTensor(about, name string, size int) []byte {
	header, err := json.Marshal(map[string]any{
		"__metadata__": map[string]string{key: about},
		name:           map[string]any{"dtype": "U8", "shape": []int{size}, "data_offsets": []int{0, size}},
	})
	if err != nil {
		panic(err) // these can be marshalled
	}
	header = append(header, bytes.Repeat([]byte(" "), 64-(8+len(header))%64)...)
	file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	return append(file, make([]byte, size)...)
}

// FuzzPack: whatever a pack says of itself and holds, it is refused with an error that names it and what
// to do, or its tensor is a weight or a section.
func FuzzPack(f *testing.F) {
	w, err := loader.ParseFile("model.safetensors", oneTensor("", "w", 4))
	require.NoError(f, err)
	of := held{w.MappedFile}
	id, err := w.Identity()
	require.NoError(f, err)
	right, err := json.Marshal(about{Version: version, Precision: use.Precision, Layout: use.Layout, Files: []file{{Identity: id}}})
	require.NoError(f, err)
	for _, name := range []string{"w", "w/int8/values", "w[1]/int8/values", "w[01]/int8/", "w[-1]/int8/", "w[99999999999999999999]/bfloat16/values", "//", "[/full/panels"} {
		f.Add(string(right), name, 64)
	}
	f.Add(`{"version":1e9,"checkpoint":[{"name":"model.safetensors","size":-1}]}`, "w", 0)
	f.Add("null", "w", 0)
	f.Add("[", "w", 0)
	f.Fuzz(func(t *testing.T, about, name string, size int) {
		size = min(max(size, 0), 1<<12)
		err := openHeld(about, name, size, of)
		if err == nil {
			return
		}
		if text := err.Error(); !strings.HasPrefix(text, "cradio.pack: ") || !strings.HasSuffix(text, "; make it again with `cradio pack`, or delete it") {
			t.Fatal(err)
		}
	})
}

// openHeld is Open in memory, and then reading what is there.
func openHeld(about, name string, size int, of Origin) error {
	f, err := loader.ParseFile("cradio.pack", oneTensor(about, name, size))
	if err != nil {
		return &Error{"cradio.pack", err}
	}
	p, err := Read(f, use)
	if err == nil {
		err = p.Belongs(context.Background(), of, discard)
	}
	if err != nil {
		return err
	}
	forms, err := p.Forms()
	if err != nil {
		return &Error{p.Path, err}
	}
	weights := 0
	for range p.Weights() {
		weights++
	}
	if weights+len(forms) != 1 || len(forms) == 1 && (len(forms[0].Sections) != 1 || forms[0].Entry < -1) {
		panic("the tensor is neither a weight nor a section: " + name)
	}
	return nil
}
