package index_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"
)

// An index of generated pictures, and those most like one of them.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := data.Generate(ctx, filepath.Join(dir, "shapes"), data.GenerateOptions{Classes: 2, PerClass: 6, Size: 32}); err != nil {
		log.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "shapes", "*", "*", "*.png"))
	if err != nil {
		log.Fatal(err)
	}
	set := data.Pictures("shapes", paths)
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
	job := features.Job{Dir: filepath.Join(dir, "shapes.index"), Encoder: e, Set: set, Sources: []radio.Source{radio.SummarySource}}
	report, err := index.Update(ctx, job, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Computed, "computed")

	x, err := index.Open(job.Dir)
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	query, err := x.Vector(radio.SummarySource, 3) // or what an encoder gives for another picture
	if err != nil {
		log.Fatal(err)
	}
	hits, err := x.Search(ctx, radio.SummarySource, query, 3, index.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d found; the best is the picture itself: %t, %.4f\n", len(hits), hits[0].Item == 3, hits[0].Score)
	// Output:
	// 12 computed
	// 3 found; the best is the picture itself: true, 1.0000
}
