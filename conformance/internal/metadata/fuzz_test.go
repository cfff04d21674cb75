package metadata

import (
	"testing"

	"cradio/radio/checkpoint"
)

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"nano/a": {"sha256": "00", "torch_error": {"float32": {"x": {"max": 1, "rms": 0.5}}, "rms_of_truth": {"x": 1}}}}`,
		`{"a": null}`, `[]`, `{"a": {"torch_error": {"bfloat16": {"x": {"rms": -1}}}}}`,
		`{"full/a": {"onnxruntime_int8": {"summary": {"max": 0.4, "rms": 0.1}, "features": {"rms": -1}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest(data)
		if err != nil {
			return
		}
		for name, e := range m {
			if e == nil {
				t.Fatalf("%s is null", name)
			}
			for _, errs := range []map[string]Error{e.TorchError.Float32, e.TorchError.AutocastBFloat16, e.ONNXRuntimeInt8} {
				for tensor, x := range errs {
					if !Natural(x.Max) || !Natural(x.RMS) {
						t.Fatalf("%s is %v", tensor, x)
					}
				}
			}
		}
	})
}

// FuzzFacts: what is accepted can be looked at, and its config is one of a model or an error.
func FuzzFacts(f *testing.F) {
	const config = `{"args":{"model":"vit_tiny_patch16_224","teachers":[{"name":"a"}],"cpe_max_size":64,"cpe_num_registers":1},"patch_size":16}`
	f.Add(config, `[{"indices":[0,-1],"aggregation":"dense","alpha_scheme":"none","norm":true,"outputs":2},{"indices":2,"aggregation":"sparse"}]`,
		`{"window":2,"period":7}`, "")
	f.Add(config, "", `{"window":0,"period":1}`, `{"a":{"do_resize":true}}`)
	f.Add("{}", `[{"indices":"all"}]`, "null", "[]")
	f.Fuzz(func(t *testing.T, config, calls, vitdet, settings string) {
		read, err := ParseFacts(map[string]string{"config": config, "calls": calls, "vitdet": vitdet, "settings": settings})
		if err != nil {
			return
		}
		if len(read.Calls) > maxCalls {
			t.Fatalf("%d calls", len(read.Calls))
		}
		for i, c := range read.Calls {
			if c.Indices.Last != 0 && c.Indices.Blocks != nil {
				t.Fatalf("call %d has both a number and a list", i)
			}
		}
		if c, err := checkpoint.ParseConfig(read.Config); (c == nil) == (err == nil) {
			t.Fatalf("%v and %v", c, err)
		}
	})
}
