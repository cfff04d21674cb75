package head_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/head"
)

// A head is made, saved, loaded, and runs in the backbone's program.
func Example() {
	ctx := context.Background()
	model, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()

	c := model.Config()
	spec := head.Spec{
		Kind: head.Segment, Input: []radio.Source{radio.BlockSource(1), radio.FeaturesSource},
		Outputs: 3, Labels: head.Labels{"sky", "sea", "sand"},
	}
	if spec.Widths, err = head.Widths(&c, spec.Input); err != nil {
		log.Fatal(err)
	}
	if err := spec.Trained(ctx, model); err != nil {
		log.Fatal(err)
	}
	h, err := head.New(spec, 0)
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "head")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := h.Save(filepath.Join(dir, "beach")); err != nil {
		log.Fatal(err)
	}

	if h, err = head.Load(filepath.Join(dir, "beach")); err != nil {
		log.Fatal(err)
	}
	if err := h.CheckModel(ctx, model); err != nil {
		log.Fatal(err)
	}
	out, err := model.Run(ctx, pixels(1, 48, 80), radio.Request{Heads: []radio.Head{h}})
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range append(h.Trainable(), h.Buffers()...) {
		fmt.Println(w.Name, w.Shape())
	}
	fmt.Println("logits", out.Heads[0].Values.Shape(), "of", out.Heads[0].Grid)
	// Output:
	// bn.weight (128)
	// bn.bias (128)
	// conv_seg.weight (3, 128)
	// conv_seg.bias (3)
	// bn.running_mean (128)
	// bn.running_var (128)
	// logits (1, 15, 3) of {3 5}
}
