package augment_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio/augment"
	"cradio/radio/data"
)

// Batches of generated pictures with their masks, cropped and flipped alike.
func ExampleLoader() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := data.Generate(ctx, dir, data.GenerateOptions{Kind: data.Masks, Classes: 2, PerClass: 4}); err != nil {
		log.Fatal(err)
	}
	pairs, _, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	if err != nil {
		log.Fatal(err)
	}
	l := &augment.Loader{
		Policy:  augment.Policy{Size: [2]int{32, 32}, Scale: [2]float64{0.25, 1}, Flip: 0.5},
		Batches: &data.Batches{Samples: len(pairs), Size: 4},
		Mask:    data.MaskOptions{Classes: 3},
	}
	for _, p := range pairs {
		l.Samples = append(l.Samples, augment.Sample{Picture: p.Picture, Mask: p.Target})
	}
	for b, err := range l.Steps(ctx, 0, 2*l.Batches.Steps()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("step", b.Step, "epoch", b.Epoch, len(b.Pixels), "numbers", len(b.Masks), "labels")
	}
	// Output:
	// step 0 epoch 0 12288 numbers 4096 labels
	// step 1 epoch 0 12288 numbers 4096 labels
	// step 2 epoch 1 12288 numbers 4096 labels
	// step 3 epoch 1 12288 numbers 4096 labels
}
