package radio_test

import (
	"context"
	"errors"
	"fmt"

	"cradio/radio"
	"cradio/radio/image"

	"gorgonia.org/tensor"
)

// From an image to a summary vector and spatial features.
func Example() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{}) // or the folder of a checkpoint
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()

	enc := radio.NewEncoder(m)
	enc.Processor = image.SquareProcessor(96, 128)
	out, err := enc.EncodeFiles(ctx, "../conformance/images/chelsea.jpg", "../conformance/images/astronaut.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("summary", out.Summary.Shape(), "features", out.Features.Shape())
	// Output: summary (2, 192) features (2, 48, 64)
}

// Pixels that are tensors already.
func ExampleModel_Run() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()

	pixels := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(1, 3, 32, 48)) // in [0, 1]
	out, err := m.Run(ctx, pixels, radio.Request{
		Layout:        radio.NCHW,
		Intermediates: &radio.Intermediates{Blocks: []int{0, -1}},
		Taps:          []string{"blocks.2.attn.context"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("features", out.Features.Shape())
	for _, i := range out.Intermediates {
		fmt.Println("block", i.Block, i.Features.Shape())
	}
	fmt.Println("context", out.Taps["blocks.2.attn.context"].Shape())
	// Output:
	// features (1, 64, 2, 3)
	// block 0 (1, 64, 2, 3)
	// block 2 (1, 64, 2, 3)
	// context (1, 14, 64)
}

// A size that does not fit is refused with the nearest that does.
func ExampleConfig_CheckSize() {
	m, err := radio.Open(context.Background(), "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	err = m.Config().CheckSize(300, 500)
	fmt.Println(err)
	var size *radio.SizeError
	if errors.As(err, &size) {
		fmt.Println("take", size.NearestHeight, "×", size.NearestWidth)
	}
	// Output:
	// image is 300×500: height and width must be multiples of 16; the nearest supported size is 304×496
	// take 304 × 496
}
