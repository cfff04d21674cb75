package output_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/output"
)

func Example() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	enc := radio.NewEncoder(m)
	enc.Size = radio.Square(432)
	pictures := []radio.Input{enc.File("../../conformance/images/chelsea.jpg"), enc.File("../../conformance/images/rgba.png")}
	names := []string{pictures[0].Name, pictures[1].Name}
	w, err := output.Create(filepath.Join(dir, "features.npz"), output.About{Model: "synthetic:nano", Synthetic: true, Features: true}, names)
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	err = enc.Stream(ctx, pictures, func(r radio.Result) error {
		if r.Err != nil {
			return r.Err // or continue without this image
		}
		return w.Add(r)
	})
	if err != nil {
		log.Fatal(err)
	}
	arrays, err := w.Commit(ctx)
	fmt.Println(arrays, err)
	// Output: [{summary [2 192]} {features [2 729 64]}] <nil>
}
