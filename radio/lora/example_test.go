package lora_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/lora"
)

// An adapter is attached for training, saved, and merged when a model is opened.
func Example() {
	ctx := context.Background()
	model, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	linears := model.Network().Linears()
	a, err := lora.New(linears, lora.Config{Rank: 4, Alpha: 8, Targets: []string{"qkv", "proj"}}, 0)
	if err != nil {
		log.Fatal(err)
	}
	if err := a.Attach(linears); err != nil {
		log.Fatal(err)
	}
	tuned, err := model.Network().Tuned(radio.Tuning{}) // the factors alone
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(tuned), "weights train,", a.Params(), "numbers of", model.Params())

	dir, err := os.MkdirTemp("", "adapter")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := a.Save(filepath.Join(dir, "adapter")); err != nil {
		log.Fatal(err)
	}
	merged, err := radio.Open(ctx, "synthetic:nano", radio.Options{Adapter: filepath.Join(dir, "adapter")})
	if err != nil {
		log.Fatal(err)
	}
	defer merged.Close()
	// Output:
	// 12 weights train, 4608 numbers of 203718
}
