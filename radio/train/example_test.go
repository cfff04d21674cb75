package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/head"
	"cradio/radio/optim"
	"cradio/radio/train"
)

// A classifier on the summary of a frozen model. The pictures are generated; give data.Open a folder
// of your own, with a folder for each class.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	shapes := filepath.Join(dir, "shapes")
	check(data.Generate(ctx, shapes, data.GenerateOptions{Classes: 2, PerClass: 12, Size: 32}))

	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	check(err)
	defer m.Close()
	d, err := data.Open(shapes)
	check(err)
	check(d.Read(ctx, nil))
	set, err := train.Labelled(d)
	check(err)
	recipe := train.Recipe{Head: head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}}, Size: [2]int{32, 32}}
	run, task, err := train.New(ctx, m, set, recipe, train.Options{Epochs: 30, Batch: 16, Optim: optim.Options{Rate: 1e-2}}, nil)
	check(err)
	defer task.Close()
	run.Out = filepath.Join(dir, "run")
	result, err := run.Train(ctx)
	check(err)
	fmt.Println(result.Steps, "steps;", result.Best.Metric, "is at least a half:", result.Best.Value >= 0.5)
	// Output: 30 steps; top1 is at least a half: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
