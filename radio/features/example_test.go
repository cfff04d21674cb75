package features_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
)

// The summaries of generated pictures, and then all rows of the part to train on.
func ExampleJob() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	pictures, store := filepath.Join(dir, "pictures"), filepath.Join(dir, "store")
	if err := data.Generate(ctx, pictures, data.GenerateOptions{Classes: 2, PerClass: 6, Size: 32}); err != nil {
		log.Fatal(err)
	}
	set, err := data.Open(pictures)
	if err != nil {
		log.Fatal(err)
	}
	if err := set.Read(ctx, nil); err != nil {
		log.Fatal(err)
	}
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	e := radio.NewEncoder(m)
	e.Size = radio.Square(32)
	job := features.Job{Dir: store, Encoder: e, Set: set, Sources: []radio.Source{radio.SummarySource}}
	if _, err := job.Run(ctx); err != nil {
		log.Fatal(err)
	}

	s, err := features.Open(store)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	a, err := s.Array(radio.SummarySource)
	if err != nil {
		log.Fatal(err)
	}
	for _, i := range s.Set.Part(data.Train) {
		fmt.Println(s.Set.Classes[s.Set.Items[i].Labels[0]], len(a.Float32(s.Row(i, 0))))
	}
	// Output:
	// circle 192
	// circle 192
	// circle 192
	// circle 192
	// square 192
	// square 192
	// square 192
	// square 192
}
