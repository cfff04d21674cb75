package image_test

import (
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"log"
	"os"

	"cradio/radio/image"
)

// Three calls convert an image file to a model's input.
func Example() {
	img, err := image.DecodeFile("../../conformance/images/chelsea.jpg", image.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	p := image.SquareProcessor(224, 224)
	if img, err = p.Process(img); err != nil {
		log.Fatal(err)
	}
	pixels := make([]float32, 3*img.H*img.W) // (3, 224, 224)
	if err := p.Pixels(pixels, img); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d x %d, red of the first pixel: %.6f\n", img.H, img.W, pixels[0])
	// Output:
	// 224 x 224, red of the first pixel: 0.560784
}

func ExampleDecode() {
	data, err := os.ReadFile("../../conformance/images/orientation6.jpg")
	if err != nil {
		log.Fatal(err)
	}
	stored, err := image.Decode(data, image.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	turned, err := image.Decode(data, image.DecodeOptions{Orient: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d x %d as stored, %d x %d as seen\n", stored.H, stored.W, turned.H, turned.W)

	_, err = image.Decode(data, image.DecodeOptions{MaxPixels: 10_000})
	fmt.Println(err)
	// Output:
	// 123 x 161 as stored, 161 x 123 as seen
	// JPEG: the header says 161 x 123 pixels (width x height), more than the limit of 10000 pixels: raise DecodeOptions.MaxPixels if the file is trusted
}

func ExampleDecodeFile() {
	_, err := image.DecodeFile("testdata/make.py", image.DecodeOptions{})
	fmt.Println(err)
	// Output:
	// testdata/make.py: it is text that begins with "\"\"\"Picture files that Pillow can write o"…, which is not supported: give the file that was meant
}

func ExampleFormatError() {
	_, err := image.Decode([]byte("8BPS\x00\x01…"), image.DecodeOptions{})
	var other *image.FormatError
	if errors.As(err, &other) {
		fmt.Println(other.Kind)
		fmt.Println(other.Do)
	}
	// Output:
	// a Photoshop document (PSD)
	// flatten and convert it: magick 'IN.psd[0]' OUT.png
}

func ExampleParseProcessor() {
	p, err := image.ParseProcessor([]byte(`{
		"image_processor_type": "CLIPImageProcessor",
		"size": {"shortest_edge": 432}, "resample": 3,
		"crop_size": {"height": 432, "width": 432},
		"do_normalize": false
	}`))
	if err != nil {
		log.Fatal(err)
	}
	h, w := p.Size(1080, 1920)
	fmt.Println(h, w, p.Resample)

	_, err = image.ParseProcessor([]byte(`{"resample": 9}`))
	fmt.Println(err)
	// Output:
	// 432 432 bicubic
	// preprocessor_config.json: resample: want 0 to 5 (nearest, lanczos, bilinear, bicubic, box, hamming), found 9
}

func ExampleResize() {
	ramp := &image.RGB{Pix: []uint8{0, 0, 0, 255, 255, 255}, H: 1, W: 2}
	wide, err := image.Resize(ramp, 1, 6, image.Bilinear)
	if err != nil {
		log.Fatal(err)
	}
	for x := range wide.W {
		fmt.Print(wide.Pix[3*x], " ")
	}
	// Output:
	// 0 0 85 170 255 255
}

func ExampleCenterCrop() {
	row := &image.RGB{Pix: []uint8{1, 1, 1, 2, 2, 2, 3, 3, 3}, H: 1, W: 3}
	fmt.Println(image.CenterCrop(row, 1, 1).Pix, image.CenterCrop(row, 1, 5).Pix)
	// Output:
	// [2 2 2] [0 0 0 1 1 1 2 2 2 3 3 3 0 0 0]
}

func ExampleFromImage() {
	m := stdimage.NewNRGBA(stdimage.Rect(0, 0, 1, 1))
	m.Set(0, 0, color.NRGBA{R: 200, G: 100, B: 50, A: 128})
	img := image.FromImage(m)
	fmt.Println(img.Pix, img.Alpha)
	// Output:
	// [200 100 50] [128]
}
