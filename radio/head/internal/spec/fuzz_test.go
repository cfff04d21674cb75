package spec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cradio/radio/head/internal/spec"
)

// seeds are descriptions of every kind, and one that lacks what later checks read.
var seeds = []string{
	`"kind":"linear","input":["mean","adaptor:clip"],"widths":[3,4],"outputs":2,"norm":{"eps":1e-6},"id2label":{"0":"a","1":"b"},"multi_label":true`,
	`"kind":"mlp","input":["summary"],"widths":[3],"outputs":2,"hidden":[5],"dropout":0.1,"norm":{"affine":true,"fixed":true}`,
	`"kind":"attentive","input":["features"],"widths":[6],"outputs":2,"num_heads":3,"hidden":[7]`,
	`"kind":"segment","input":["block:1","features"],"widths":[3,3],"outputs":2,"dropout":0.1,"dropout_first":true,"ignore_index":255`,
	`"kind":"fused","input":["block:1","features"],"widths":[3,3],"outputs":2,"hidden":[4],"norm":{"momentum":0.01,"affine":true}`,
	`"kind":"upsampling","input":["features"],"widths":[3],"outputs":2,"hidden":[5,4],"metrics":{"miou":0.5}`,
	`"kind":"depth","input":["block:1","class:1"],"widths":[3,9],"outputs":16,"depth":{"low":0.1,"high":10,"log":true,"weights":"softmax","upsample":4}`,
	`"kind":"linear","input":["mean"],"widths":[3],"outputs":2,"picture":{"size":"224","alpha":"drop","fast_decode":true,"processor":{"size":30}},"backbone":{"name":"x","config":"SUM","weights":"SUM"}`,
	`"kind":"attentive","outputs":1`,
}

// FuzzParse: no text panics or asks for more memory than it describes, and what is read is written and
// read back the same.
func FuzzParse(f *testing.F) {
	sum := strings.Repeat("0", 64)
	for _, s := range seeds {
		f.Add([]byte(`{"format":1,` + strings.ReplaceAll(s, "SUM", sum) + `,"weights_sha256":"` + sum + `"}`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := spec.Parse(text)
		if err != nil {
			return
		}
		once, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := spec.Parse(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}
