package data_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"cradio/radio/data"
)

// Generated pictures, split by their contents.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := data.Generate(ctx, dir, data.GenerateOptions{Classes: 2, PerClass: 12, Size: 32}); err != nil {
		log.Fatal(err)
	}
	d, err := data.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	if err := d.Read(ctx, nil); err != nil {
		log.Fatal(err)
	}
	lines, _ := d.Report()
	for _, line := range lines {
		fmt.Println(line)
	}
	// Output:
	// train: 16 pictures of 2 classes, 8 each
	// val: 4 pictures of 2 classes, 2 each
	// test: 4 pictures of 2 classes, 2 each
}
