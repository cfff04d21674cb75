package radio_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"cradio/radio"
)

// A stream of images, which may be endless: each result comes in its turn, and the loop may be
// left at any time. An image that cannot be read is an error of its own.
func ExampleEncoder_Results() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()

	enc := radio.NewEncoder(m)
	enc.Size = radio.LongEdge(96)
	paths := slices.Values([]string{
		"../conformance/images/chelsea.jpg", "../conformance/images/decoded.safetensors.gz", "../conformance/images/astronaut.png",
	})
	for r, err := range enc.Results(ctx, enc.Files(paths)) {
		name := filepath.Base(r.Name)
		if err != nil {
			fmt.Println(name, "is left out")
			continue
		}
		fmt.Println(name, r.Rows, "×", r.Cols, "patches of", len(r.Patch(0, 0)), "and a summary of", len(r.Vector()))
	}
	// Output:
	// chelsea.jpg 4 × 6 patches of 64 and a summary of 192
	// decoded.safetensors.gz is left out
	// astronaut.png 6 × 6 patches of 64 and a summary of 192
}

// The images most like another.
func ExampleTopK() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()

	enc := radio.NewEncoder(m)
	enc.Size = radio.Square(96)
	paths := []string{
		"../conformance/images/chelsea.jpg", "../conformance/images/astronaut.png", "../conformance/images/rgba.png",
	}
	all, err := enc.EncodeFiles(ctx, paths...)
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := all.Summaries()
	best, err := radio.TopK(rows[1], rows, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("itself: %s, cosine %.3f\n", filepath.Base(paths[best[0].Index]), best[0].Score)
	fmt.Println("and another:", best[1].Index != 1 && best[1].Score < 1)
	// Output:
	// itself: astronaut.png, cosine 1.000
	// and another: true
}

// Tensors from inside the model, for each image of an Encoder.
func ExampleModel_Paths() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()

	paths, err := m.Paths(1, 64, 96, radio.Request{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range paths[:4] {
		fmt.Println(p.Path, p.Shape)
	}

	enc := radio.NewEncoder(m)
	enc.Size = radio.Fixed(64, 96)
	enc.Request.Taps = []string{"blocks.0.attn.qkv"}
	all, err := enc.EncodeFiles(ctx, "../conformance/images/chelsea.jpg", "../conformance/images/rgba.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("of an image", all.Items[1].Taps["blocks.0.attn.qkv"].Shape())
	fmt.Println("of all", all.Taps["blocks.0.attn.qkv"].Shape())
	// Output:
	// blocks.0 [1 32 64]
	// blocks.0.attn.context [1 32 64]
	// blocks.0.attn.proj [1 32 64]
	// blocks.0.attn.qkv [1 32 192]
	// of an image (32, 192)
	// of all (2, 32, 192)
}
