package loader_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/loader/pickle"
)

func ExampleOpenFile() {
	f, err := loader.OpenFile("../conformance/checkpoints/hub/model.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()

	info, _ := f.Lookup("radio_model.model.blocks.0.attn.qkv.weight")
	fmt.Println(len(f.Names()), info.DType, info.Shape, f.Metadata())

	// The shape is part of the question: another one is an error, not a surprise later.
	weight, err := f.Float32(info.Name, 192, 64)
	fmt.Println(len(weight), err)
	_, err = f.Float32(info.Name, 64, 192)
	fmt.Println(err)
	// Output:
	// 82 F32 [192 64] map[format:pt]
	// 12288 <nil>
	// ../conformance/checkpoints/hub/model.safetensors: tensor "radio_model.model.blocks.0.attn.qkv.weight": want shape (64, 192), found (192, 64); check that the checkpoint and its config.json belong together
}

// A file may be in memory, for example by go:embed.
func ExampleParseFile() {
	contents, err := os.ReadFile("../conformance/checkpoints/hub/model.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	f, err := loader.ParseFile("embedded.safetensors", contents)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	fmt.Println(f, len(f.Names()))
	_, err = loader.ParseFile("embedded.safetensors", contents[:1000])
	fmt.Println(err)
	// Output:
	// embedded.safetensors 82
	// embedded.safetensors: header: want 8864 bytes, found 992 bytes to the end of the file; the file is damaged or its download is incomplete: download it again
}

func ExampleOpenFolder() {
	c, err := loader.OpenFolder("../conformance/checkpoints/hub-sharded")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	info, _ := c.Lookup("radio_model.model.blocks.1.mlp.fc2.bias")
	fmt.Println(filepath.Base(info.File))
	idxs, _ := c.Int64("radio_model.summary_idxs", 3)
	fmt.Println(idxs)
	// Output:
	// model-00001-of-00003.safetensors
	// [0 1 2]
}

func ExampleNewSynthetic() {
	weights := loader.NewSynthetic("")
	norm, err := weights.Float32("radio_model.model.blocks.0.norm1.weight", 64)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(weights, norm[:3])
	// Output: synthetic weights (seed "") [1.0410525 0.8993284 1.1290346]
}

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	path := filepath.Join(dir, "model.safetensors")
	err = loader.Write(path, []loader.Tensor{
		{Name: "weight", DType: loader.F32, Shape: []int{2, 2}, Data: loader.Float32Data([]float32{1, 2, 3, 4})},
		// Data is called when the tensor's turn comes, so a checkpoint larger than memory streams through.
		{Name: "mask", DType: loader.U8, Shape: []int{4}, Data: func(w io.Writer) error {
			_, err := w.Write([]byte{1, 0, 0, 1})
			return err
		}},
	}, map[string]string{"format": "pt"})
	if err != nil {
		log.Fatal(err)
	}

	f, err := loader.OpenFile(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	weight, _ := f.Float32("weight", 2, 2)
	mask, _ := f.Uint8("mask", 4)
	fmt.Println(weight, mask)
	// Output: [1 2 3 4] [1 0 0 1]
}

func ExampleWriteFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	path := filepath.Join(dir, "list.txt")
	for _, fail := range []error{nil, io.ErrUnexpectedEOF} {
		err := loader.WriteFile(path, func(w io.Writer) error {
			fmt.Fprintln(w, "one line")
			return fail
		})
		text, _ := os.ReadFile(path)
		fmt.Printf("%q %v\n", text, err != nil)
	}
	// Output:
	// "one line\n" false
	// "one line\n" true
}

func ExampleOpenTorch() {
	f, err := loader.OpenTorch("testdata/torch/run.pth.tar")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	root := f.Root().(*pickle.Dict)
	args, _ := root.Get("args")
	text, err := pickle.JSON(args.(*pickle.Object).Fields)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.50s…\n", text)
	weights, err := f.Dict("state_dict")
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range weights.Names() {
		info, _ := weights.Lookup(name)
		fmt.Println(name, info.DType, info.Shape)
	}
	// Output:
	// {"lr":0.001,"betas":[0.9,0.999],"name":"run 1","re…
	// a.weight F32 [4 6]
	// b.deep.bias F32 [1]
	// b.weight F32 [2]
}
