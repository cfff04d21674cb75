package token_test

import (
	"fmt"

	"cradio/radio/text/token"
)

func ExampleCLIP() {
	t := token.CLIP()
	e, err := t.Encode("A photo of a tabby cat.")
	if err != nil {
		panic(err)
	}
	fmt.Println(len(e.IDs), e.IDs[:10], e.Cut)
	pieces, err := t.Pieces("A photo of a tabby cat.")
	if err != nil {
		panic(err)
	}
	for _, p := range pieces {
		fmt.Print(p.Text, " ")
	}
	// Output:
	// 77 [49406 320 1125 539 320 36145 2368 269 49407 0] false
	// a</w> photo</w> of</w> a</w> tabby</w> cat</w> .</w>
}
