package head_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cradio/radio/head"
)

// FuzzParse: no text panics or asks for more memory than it describes, and what is read is written and
// read back the same.
func FuzzParse(f *testing.F) {
	sum := strings.Repeat("0", 64)
	for _, spec := range specs() {
		text, err := json.Marshal(struct {
			Format int `json:"format"`
			head.Spec
			SHA256 string `json:"weights_sha256"`
		}{1, spec, sum})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"format":1,"kind":"linear","input":["mean"],"widths":[3],"outputs":2,"picture":{"size":"224","processor":{"size":30}},"metrics":{"a":1},"weights_sha256":"` + sum + `"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := head.Parse(text)
		if err != nil {
			return
		}
		once, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again := &head.Spec{}
		if err := json.Unmarshal(once, again); err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if err := again.Check(); err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}
