package peft_test

import (
	"testing"

	"cradio/radio/lora/internal/peft"
)

// FuzzParse: no text panics, and what is read is written and read back the same.
func FuzzParse(f *testing.F) {
	for _, c := range []peft.Config{{Rank: 4, Alpha: 8}, {Rank: 1, Alpha: 0.5, RSLoRA: true, Targets: []string{"fc1"}, Blocks: []int{0, 2}, Base: "x"}} {
		text, err := c.JSON()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"peft_type":"LORA","target_modules":".*\\.(qkv|proj)","layers_to_transform":3,"layers_pattern":["blocks"],"x":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := peft.Parse(text)
		if err != nil {
			return
		}
		once, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := peft.Parse(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		twice, err := again.JSON()
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}
