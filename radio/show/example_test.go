package show_test

import (
	"context"
	"fmt"
	"log"

	"cradio/radio/show"
)

func ExampleFit() {
	// Four tokens of two numbers, most of whose variance is along (1, 1).
	image := show.Tokens{Rows: 1, Cols: 4, Features: []float32{
		0, 0,
		1, 1,
		2, 2.5,
		3, 2.5,
	}}
	b, err := show.Fit([]show.Tokens{image}, 2, show.BasisOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f %% and %.0f %% of the variance\n", 100*b.Shares[0], 100*b.Shares[1])
	for i := range 4 {
		fmt.Printf("red of token %d: %.2f\n", i, b.Colours(image).Values[3*i])
	}
	// Output:
	// 97 % and 3 % of the variance
	// red of token 0: 0.00
	// red of token 1: 0.36
	// red of token 2: 0.81
	// red of token 3: 1.00
}

func ExampleKMeans() {
	c, err := show.KMeans(context.Background(), []float32{1, 9, 1.1, 0.9, 9.2}, 1, 2, show.ClusterOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Labels, c.Sizes)
	// Output: [0 1 0 0 1] [3 2]
}

func ExampleCosines() {
	cosines, err := show.Cosines([]float32{1, 0}, []float32{2, 0, 0, 3, -1, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cosines)
	// Output: [1 0 -1]
}
