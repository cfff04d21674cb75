package conformance

import (
	"os"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
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
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		for name, e := range m {
			if e == nil {
				t.Fatalf("%s is null", name)
			}
			for _, errs := range []map[string]Error{e.TorchError.Float32, e.TorchError.AutocastBFloat16, e.ONNXRuntimeInt8} {
				for tensor, x := range errs {
					if !natural(x.Max) || !natural(x.RMS) {
						t.Fatalf("%s is %v", tensor, x)
					}
				}
			}
		}
	})
}

func FuzzFacts(f *testing.F) {
	for _, name := range []string{"nano/base-16x16", "nano/base-intermediates", "nano/deep-64x128-window2-period7", "images/processed"} {
		file, err := loader.OpenFile(name + suffix)
		require.NoError(f, err)
		meta := file.Metadata()
		config := meta["config"]
		if name != "nano/base-16x16" { // one is enough: short inputs are for the fuzzer's sake
			config = ""
		}
		f.Add(config, meta["calls"], meta["vitdet"], meta["settings"])
		require.NoError(f, file.Close())
	}
	f.Fuzz(func(t *testing.T, config, calls, vitdet, settings string) {
		meta := map[string]string{"config": config, "calls": calls, "vitdet": vitdet, "settings": settings}
		read, err := parseFacts(meta)
		if err != nil {
			return
		}
		b := &Bundle{facts: read}
		if b.parseConfig() == nil {
			_, _ = (&run{}).options(b, modelOptions{})
		}
		for _, c := range read.Calls {
			_, _ = c.request()
		}
	})
}

// The parser accepts the manifest of the project.
func TestOwnManifest(t *testing.T) {
	data, err := os.ReadFile(manifestName)
	require.NoError(t, err)
	m, err := parseManifest(data)
	require.NoError(t, err)
	require.Contains(t, m, "nano/base-48x96")
}
