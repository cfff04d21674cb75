package pca_test

import (
	"fmt"
	"log"

	"cradio/radio/pca"
)

func ExampleNew() {
	// Four tokens of two numbers, most of whose variance is along (1, 1).
	features := []float32{
		0, 0,
		1, 1,
		2, 2.5,
		3, 2.5,
	}
	c, err := pca.New(features, 4, 2, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f %% and %.0f %% of the variance\n", 100*c.Shares[0], 100*c.Shares[1])
	fmt.Println("red of each token:", c.Colours(1, 4).Pix[0], c.Colours(1, 4).Pix[3], c.Colours(1, 4).Pix[6], c.Colours(1, 4).Pix[9])
	// Output:
	// 97 % and 3 % of the variance
	// red of each token: 0 91 208 255
}
